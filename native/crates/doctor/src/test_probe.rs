//! A made-up machine: /sys, /proc, /dev as a folder of files, and system calls that answer as told.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use otedama_memory::{CpuId, MemoryError, NodeId, NodeReport, PageReport, PageSize, Pages};

use crate::probe::{Clock, CudaError, Errno, Probe, System};
use crate::{Finding, Processor, examine};

/// Removed when dropped.
pub struct Machine {
    root: PathBuf,
    pub pages: PageSize,
    pub node: NodeReport,
    pub transparent: Option<u64>,
    pub code: Result<(), MemoryError>,
    pub registers: HashMap<u32, u64>,
    /// Of a register that is not in the map.
    pub register_errno: Errno,
    pub open: Result<(), Errno>,
    pub libraries: Vec<&'static str>,
    pub cuda: Result<u32, CudaError>,
    pub clock: Option<Clock>,
}

impl Machine {
    /// Two Zen 4 cores, 16 GiB, nothing set up and no cards.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("otedama-doctor-{}-{number}", std::process::id()));
        fs::create_dir_all(&root).expect("a folder for the test");
        let machine = Self {
            root,
            pages: PageSize::Transparent,
            node: NodeReport::FirstTouch,
            transparent: Some(8 << 20),
            code: Ok(()),
            registers: HashMap::new(),
            register_errno: libc::ENOENT,
            open: Ok(()),
            libraries: Vec::new(),
            cuda: Err(CudaError::Library("libcuda.so.1: no such file".to_owned())),
            clock: Some(Clock { is_synchronised: true, max_error_us: 12_500 }),
        };
        machine.cpuinfo("AuthenticAMD", 25, 97, "fpu pdpe1gb aes");
        machine.write("proc/meminfo", "MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\nMemFree: 1 kB");
        machine.write("sys/devices/system/cpu/online", "0-1");
        machine.limits(20_000, 0);
        machine.write("proc/self/stat", &format!("1 (a ) b) S{} 0 1", " 0".repeat(15)));
        machine.capabilities(0);
        machine.write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
        machine
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().expect("inside the machine")).expect("folder");
        fs::write(path, format!("{text}\n")).expect("file");
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.root.join(path)).expect("was there");
    }

    pub fn cpuinfo(&self, vendor: &str, family: u32, model: u32, flags: &str) {
        let text = format!(
            "processor\t: 0\nvendor_id\t: {vendor}\ncpu family\t: {family}\nmodel\t\t: {model}\n\
             model name\t: Example 7\nflags\t\t: {flags}\n"
        );
        self.write("proc/cpuinfo", &text);
    }

    pub fn limits(&self, files: u64, nice: u64) {
        let text = format!(
            "Limit                     Soft Limit           Hard Limit           Units\n\
             Max open files            1024                 {files}               files\n\
             Max nice priority         {nice}                    {nice}\n"
        );
        self.write("proc/self/limits", &text);
    }

    pub fn capabilities(&self, mask: u64) {
        self.write("proc/self/status", &format!("Name:\tnode\nCapEff:\t{mask:016x}"));
    }

    pub fn pool(&self, kib: u32, total: u32, free: u32) {
        let folder = format!("sys/kernel/mm/hugepages/hugepages-{kib}kB");
        self.write(&format!("{folder}/nr_hugepages"), &total.to_string());
        self.write(&format!("{folder}/free_hugepages"), &free.to_string());
    }

    pub fn pci_card(&self, slot: u32, vendor: &str, class: &str) {
        let folder = format!("sys/bus/pci/devices/0000:0{slot}:00.0");
        self.write(&format!("{folder}/vendor"), vendor);
        self.write(&format!("{folder}/class"), class);
    }

    pub fn node(&self, id: u32, cpus: &str, gib: u64) {
        let folder = format!("sys/devices/system/node/node{id}");
        self.write(&format!("{folder}/cpulist"), cpus);
        self.write(&format!("{folder}/meminfo"), &format!("Node {id} MemTotal: {} kB", gib << 20));
    }

    pub fn find(&self, id: &str) -> Finding {
        let processor = Processor {
            arch: "x86_64".to_owned(),
            features: vec!["avx2".to_owned(), "sha".to_owned()],
            selected: vec![("sha256d".to_owned(), "sha-ni".to_owned())],
        };
        self.find_with(id, &processor)
    }

    /// Every finding is held to what a report promises, whatever the machine.
    pub fn find_with(&self, id: &str, processor: &Processor) -> Finding {
        let findings = examine(&Probe::new(&self.root, self), processor);
        for finding in &findings {
            assert!(finding.cause.ends_with('.') && finding.effect.ends_with('.'), "{finding:?}");
            for line in &finding.remedy {
                assert!(line.len() <= 84, "a command that would be broken: {line}");
            }
        }
        findings.into_iter().find(|finding| finding.id == id).expect("one finding of each id")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl System for Machine {
    fn allowed_cpus(&self) -> Option<Vec<CpuId>> {
        None
    }

    fn allocate(&self, _: usize, asked: Pages, node: Option<NodeId>) -> Result<PageReport, MemoryError> {
        let node = if node.is_some() { self.node.clone() } else { NodeReport::FirstTouch };
        Ok(PageReport { asked, had: self.pages, refused: Vec::new(), node })
    }

    fn transparent_bytes(&self) -> Option<u64> {
        self.transparent
    }

    fn code_memory(&self) -> Result<(), MemoryError> {
        self.code.clone()
    }

    fn register(&self, number: u32) -> Result<u64, Errno> {
        self.registers.get(&number).copied().ok_or(self.register_errno)
    }

    fn open(&self, path: &Path, _: bool) -> Result<(), Errno> {
        assert!(path.starts_with(&self.root), "{}", path.display());
        self.open
    }

    fn load_library(&self, name: &str) -> Result<(), String> {
        if self.libraries.contains(&name) { Ok(()) } else { Err(format!("{name}: no such file")) }
    }

    fn cuda_devices(&self) -> Result<u32, CudaError> {
        self.cuda.clone()
    }

    fn clock(&self) -> Option<Clock> {
        self.clock
    }
}
