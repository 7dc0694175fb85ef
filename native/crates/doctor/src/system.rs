//! The questions only system calls answer, asked of the machine this runs on.

use std::ffi::{CStr, CString, c_int, c_uint, c_void};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::ptr::NonNull;

use otedama_memory::{CodeMemory, CpuId, MemoryError, NodeId, PageReport, Pages, Region, allowed_cpus};

use crate::probe::{Clock, CudaError, Errno, System, TRANSPARENT_TRIAL};

#[derive(Clone, Copy, Debug, Default)]
pub struct ThisSystem;

impl System for ThisSystem {
    fn allowed_cpus(&self) -> Option<Vec<CpuId>> {
        allowed_cpus()
    }

    fn allocate(&self, bytes: usize, pages: Pages, node: Option<NodeId>) -> Result<PageReport, MemoryError> {
        Ok(Region::allocate(bytes, pages, node)?.had().clone())
    }

    fn transparent_bytes(&self) -> Option<u64> {
        let before = on_transparent_pages()?;
        let mut region = Region::allocate(TRANSPARENT_TRIAL as usize, Pages::Transparent, None).ok()?;
        region.bytes_mut().fill(1);
        let after = on_transparent_pages()?;
        Some(after.saturating_sub(before).min(TRANSPARENT_TRIAL))
    }

    fn code_memory(&self) -> Result<(), MemoryError> {
        CodeMemory::allocate(4096).map(drop)
    }

    fn register(&self, number: u32) -> Result<u64, Errno> {
        let mut value = [0u8; 8];
        File::open("/dev/cpu/0/msr")
            .and_then(|file| file.read_exact_at(&mut value, number.into()))
            .map_err(|error| error.raw_os_error().unwrap_or(libc::EIO))?;
        Ok(u64::from_ne_bytes(value))
    }

    fn open(&self, path: &Path, for_writing: bool) -> Result<(), Errno> {
        let file = OpenOptions::new().read(true).write(for_writing).open(path);
        file.map(drop).map_err(|error| error.raw_os_error().unwrap_or(libc::EIO))
    }

    fn load_library(&self, name: &str) -> Result<(), String> {
        Library::load(name).map(drop)
    }

    fn cuda_devices(&self) -> Result<u32, CudaError> {
        let library = Library::load("libcuda.so.1").map_err(CudaError::Library)?;
        let missing = || CudaError::Library("libcuda.so.1 lacks cuInit or cuDeviceGetCount".to_owned());
        let init = library.symbol(c"cuInit").ok_or_else(missing)?;
        let count = library.symbol(c"cuDeviceGetCount").ok_or_else(missing)?;
        let mut devices: c_int = 0;
        // SAFETY: the driver's documented functions with their documented types; the library is loaded and
        // stays so, and the count is written to a live variable.
        let code = unsafe {
            let init = std::mem::transmute::<NonNull<c_void>, extern "C" fn(c_uint) -> c_int>(init);
            let count = std::mem::transmute::<NonNull<c_void>, extern "C" fn(*mut c_int) -> c_int>(count);
            match init(0) {
                0 => count(&raw mut devices),
                code => code,
            }
        };
        // The driver keeps threads of its own, whose code must not go away.
        std::mem::forget(library);
        if code == 0 { Ok(u32::try_from(devices).unwrap_or(0)) } else { Err(CudaError::Driver(code)) }
    }

    #[cfg(target_os = "linux")]
    fn clock(&self) -> Option<Clock> {
        // SAFETY: a structure of numbers, for which zeros are a valid value and ask for nothing to be changed.
        let mut state: libc::timex = unsafe { std::mem::zeroed() };
        // SAFETY: the structure is live; with no mode set the call only reads.
        let result = unsafe { libc::adjtimex(&raw mut state) };
        (result >= 0).then(|| Clock {
            is_synchronised: state.status & libc::STA_UNSYNC == 0,
            max_error_us: u64::try_from(state.maxerror).unwrap_or(0),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn clock(&self) -> Option<Clock> {
        None
    }
}

/// Bytes of this process on transparent huge pages.
fn on_transparent_pages() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("AnonHugePages:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

/// A shared library, unloaded when dropped.
struct Library(NonNull<c_void>);

impl Library {
    fn load(name: &str) -> Result<Self, String> {
        let name = CString::new(name).map_err(|_| "its name holds a zero byte".to_owned())?;
        // SAFETY: a C string. What the libraries asked for here do when loaded is what any program that uses
        // the card lets them do.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        NonNull::new(handle).map(Self).ok_or_else(last_problem)
    }

    fn symbol(&self, name: &CStr) -> Option<NonNull<c_void>> {
        // SAFETY: a loaded library and a C string.
        NonNull::new(unsafe { libc::dlsym(self.0.as_ptr(), name.as_ptr()) })
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: loaded by this value; no symbol of it is used any more.
        unsafe { libc::dlclose(self.0.as_ptr()) };
    }
}

/// The loader's own words on the last failure.
fn last_problem() -> String {
    // SAFETY: gives null or a C string that is valid until the next call on this thread.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::ThisSystem;
    use crate::probe::System;
    use crate::{Probe, Processor, State, examine};

    #[test]
    fn names_what_cannot_be_loaded_and_loads_what_can() {
        let problem = ThisSystem.load_library("libotedama-is-not-there.so").unwrap_err();
        assert!(problem.contains("libotedama-is-not-there.so"), "{problem}");
        assert!(ThisSystem.load_library("a\0b").is_err());
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        assert_eq!(ThisSystem.load_library("libm.so.6"), Ok(()));
    }

    #[test]
    fn this_machine_is_examined_in_full() {
        let arch = std::env::consts::ARCH.to_owned();
        let processor = Processor { arch, ..Processor::default() };
        let findings = examine(&Probe::new(std::path::Path::new("/"), &ThisSystem), &processor);
        assert_eq!(findings.len(), 15);
        for finding in findings {
            assert!(finding.cause.ends_with('.') && finding.effect.ends_with('.'), "{finding:?}");
            assert!(finding.state != State::Degraded || !finding.remedy.is_empty(), "{finding:?}");
            assert!(finding.remedy.iter().all(|line| line.len() <= 84), "{finding:?}");
        }
    }
}
