use std::fs;
use std::path::Path;

use otedama_memory::{CpuId, MemoryError, NodeId, PageReport, Pages};

pub type Errno = i32;

/// What is read of a machine: files under `root`, and answers of `system`.
#[derive(Clone, Copy)]
pub struct Probe<'a> {
    root: &'a Path,
    system: &'a dyn System,
}

/// What files do not tell.
pub trait System {
    fn allowed_cpus(&self) -> Option<Vec<CpuId>>;

    /// Takes memory, gives it back and says what pages it had.
    fn allocate(&self, bytes: usize, pages: Pages, node: Option<NodeId>) -> Result<PageReport, MemoryError>;

    /// Of a touched allocation of [`TRANSPARENT_TRIAL`] bytes, those on transparent huge pages.
    fn transparent_bytes(&self) -> Option<u64>;

    /// Whether generated code may be run.
    fn code_memory(&self) -> Result<(), MemoryError>;

    /// A model-specific register of the first processor, through its device file.
    fn register(&self, number: u32) -> Result<u64, Errno>;

    /// Opens a file without reading or writing it.
    fn open(&self, path: &Path, for_writing: bool) -> Result<(), Errno>;

    /// Loads a shared library by name; the loader's words where it cannot.
    fn load_library(&self, name: &str) -> Result<(), String>;

    /// Cards that the NVIDIA driver has ready.
    fn cuda_devices(&self) -> Result<u32, CudaError>;

    fn clock(&self) -> Option<Clock>;
}

pub const TRANSPARENT_TRIAL: u64 = 8 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CudaError {
    /// The driver's library cannot be loaded; the loader's words.
    Library(String),
    /// The driver's error number.
    Driver(i32),
}

/// What the kernel says of the clock's discipline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    pub is_synchronised: bool,
    pub max_error_us: u64,
}

impl<'a> Probe<'a> {
    pub const fn new(root: &'a Path, system: &'a dyn System) -> Self {
        Self { root, system }
    }

    pub const fn root(&self) -> &'a Path {
        self.root
    }

    pub fn system(&self) -> &'a dyn System {
        self.system
    }

    /// A file's text without the white space at its ends; `path` is relative to the root.
    pub fn text(&self, path: &str) -> Option<String> {
        let text = fs::read_to_string(self.root.join(path)).ok()?;
        Some(text.trim().to_owned())
    }

    pub fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// Names in a folder, sorted; none if there is no such folder.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        names
    }

    /// Whether this process holds a capability, by its number in the kernel's list.
    pub fn has_capability(&self, number: u32) -> bool {
        let status = self.text("proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap_or("");
        u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask >> number & 1 == 1)
    }

    /// A field of the first processor in /proc/cpuinfo.
    pub fn cpuinfo(&self, name: &str) -> Option<String> {
        let text = self.text("proc/cpuinfo")?;
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    }

    /// The processor runs under a hypervisor, which answers for some of what it can do.
    pub fn is_virtual(&self) -> bool {
        self.cpuinfo("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor"))
    }
}

impl std::fmt::Debug for Probe<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Probe").field("root", &self.root).finish_non_exhaustive()
    }
}

/// An errno in words.
pub fn words(errno: Errno) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

pub fn gib(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

/// `1 card`, `3 cards`.
pub fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
