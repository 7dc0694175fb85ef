use core::slice;
use std::path::Path;

use crate::MemoryError;
use crate::limits::Promise;
use crate::mapping::Mapping;
use crate::synchronize::{clean_caches, synchronize_thread};

/// Memory for generated code: written through one mapping, run through another, so that no page is ever
/// writable and executable at once and a new program needs no system call.
#[derive(Debug)]
pub struct CodeMemory {
    /// Readable and writable.
    written: Mapping,
    /// The same memory, readable and executable.
    run: Mapping,
    bytes: usize,
}

impl CodeMemory {
    /// At least `bytes`, in whole pages and zeroed.
    pub fn allocate(bytes: usize) -> Result<Self, MemoryError> {
        let rounded = bytes
            .max(1)
            .checked_next_multiple_of(crate::mapping::page_bytes())
            .filter(|rounded| i64::try_from(*rounded).is_ok())
            .ok_or(MemoryError::OutOfMemory { bytes })?;
        // Held while the memory is taken; from then on the kernel counts it.
        let _promise =
            Promise::take(Path::new("/"), rounded).map_err(|_| MemoryError::OutOfMemory { bytes })?;
        let (written, run) = twice(rounded)?;
        Ok(Self { written, run, bytes: rounded })
    }

    pub const fn len(&self) -> usize {
        self.bytes
    }

    pub const fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Code may only be written while no thread runs it.
    pub const fn writable(&mut self) -> &mut [u8] {
        // SAFETY: mapped readable and writable and initialised with zeros. `&mut self` makes it the only
        // reference; the executable mapping is handed out as an address only.
        unsafe { slice::from_raw_parts_mut(self.written.start().as_ptr(), self.bytes) }
    }

    /// Address at which the first byte is run; stays the same for the life of this value.
    pub const fn entry(&self) -> *const u8 {
        self.run.start().as_ptr()
    }

    /// After writing and before running: makes what was written safe to run on this thread. Another thread
    /// also has to call [`Self::synchronize`] itself.
    pub fn make_visible(&mut self) {
        clean_caches(self.written.start().as_ptr(), self.entry(), self.bytes);
        synchronize_thread();
    }

    /// Makes code that another thread has made visible, and handed over since, safe to run on this thread.
    pub fn synchronize(&self) {
        synchronize_thread();
    }
}

/// One piece of memory under two addresses: writable, and executable.
#[cfg(target_os = "linux")]
fn twice(bytes: usize) -> Result<(Mapping, Mapping), MemoryError> {
    use std::os::fd::AsRawFd;

    let file = anonymous_file()?;
    // Takes the memory now: a file with holes would raise SIGBUS when there is none left.
    // SAFETY: an open file of this process; the size was checked to be a valid offset.
    if unsafe { libc::fallocate(file.as_raw_fd(), 0, 0, bytes as libc::off_t) } != 0 {
        return Err(MemoryError::OutOfMemory { bytes });
    }
    let view = |protection| Mapping::shared(file.as_raw_fd(), bytes, protection);
    let written = view(libc::PROT_READ | libc::PROT_WRITE).map_err(|_| MemoryError::OutOfMemory { bytes })?;
    let run = view(libc::PROT_READ | libc::PROT_EXEC).map_err(|errno| match errno {
        libc::ENOMEM => MemoryError::OutOfMemory { bytes },
        errno => refused("executable mapping", errno),
    })?;
    Ok((written, run))
}

#[cfg(target_os = "linux")]
fn anonymous_file() -> Result<std::os::fd::OwnedFd, MemoryError> {
    use std::os::fd::{FromRawFd, OwnedFd};

    // Kernels before 6.3 do not know MFD_EXEC and mean it.
    let mut file = -1;
    for flags in [libc::MFD_CLOEXEC | libc::MFD_EXEC, libc::MFD_CLOEXEC] {
        // SAFETY: the name is a C string.
        file = unsafe { libc::memfd_create(c"otedama-code".as_ptr(), flags) };
        if file >= 0 || crate::mapping::last_errno() != libc::EINVAL {
            break;
        }
    }
    if file < 0 {
        return Err(refused(MEMORY_FILE, crate::mapping::last_errno()));
    }
    // SAFETY: just opened, and owned by nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(file) })
}

/// EACCES for the file itself is the kernel setting that makes such files data only; all else is a policy.
#[cfg(target_os = "linux")]
fn refused(what: &str, errno: i32) -> MemoryError {
    let cause = format!("{what}: {}", std::io::Error::from_raw_os_error(errno));
    let remedy = match (what, errno) {
        (MEMORY_FILE, libc::EACCES) => "as root: sysctl -w vm.memfd_noexec=0",
        _ => "allow memfd_create and executable mappings in the container's or SELinux policy",
    };
    MemoryError::CodeRefused { cause, remedy }
}

#[cfg(target_os = "linux")]
const MEMORY_FILE: &str = "memory file";

#[cfg(not(target_os = "linux"))]
fn twice(_: usize) -> Result<(Mapping, Mapping), MemoryError> {
    Err(MemoryError::CodeRefused {
        cause: "written for Linux only".to_owned(),
        remedy: "run on Linux; elsewhere programs are interpreted",
    })
}

#[cfg(all(test, target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use std::fs;

    use otedama_hash_api::HashError;

    use super::CodeMemory;
    use crate::MemoryError;

    /// A function that returns this number.
    #[cfg(target_arch = "x86_64")]
    fn returning(value: u16) -> Vec<u8> {
        let [low, high] = value.to_le_bytes();
        vec![0xb8, low, high, 0, 0, 0xc3] // mov eax, value; ret
    }

    #[cfg(target_arch = "aarch64")]
    fn returning(value: u16) -> Vec<u8> {
        // movz w0, #value; ret
        [0x5280_0000 | u32::from(value) << 5, 0xd65f_03c0].into_iter().flat_map(u32::to_le_bytes).collect()
    }

    fn run(code: &CodeMemory) -> u32 {
        // SAFETY: the memory holds a function of this type, made visible by the caller.
        unsafe { core::mem::transmute::<*const u8, extern "C" fn() -> u32>(code.entry())() }
    }

    fn write(code: &mut CodeMemory, value: u16) {
        let program = returning(value);
        code.writable()[..program.len()].copy_from_slice(&program);
        code.make_visible();
    }

    #[test]
    fn runs_what_was_written_last() {
        let mut code = CodeMemory::allocate(100).expect("memory");
        for value in 0..5000 {
            write(&mut code, value);
            assert_eq!(run(&code), u32::from(value));
        }
    }

    #[test]
    fn runs_on_another_thread_than_it_was_written_on() {
        let mut code = CodeMemory::allocate(100).expect("memory");
        for value in 0..50 {
            write(&mut code, value);
            let code = &code;
            let result = std::thread::scope(|scope| {
                let other = scope.spawn(|| {
                    code.synchronize();
                    run(code)
                });
                other.join().expect("no panic")
            });
            assert_eq!(result, u32::from(value));
        }
    }

    #[test]
    fn no_mapping_is_writable_and_executable() {
        let mut code = CodeMemory::allocate(3 * 4096 + 1).expect("memory");
        let (entry, written) = (code.entry().addr(), code.writable().as_ptr().addr());
        let maps = fs::read_to_string("/proc/self/maps").expect("Linux");
        let rights_at = |address: usize| {
            let line = maps.lines().find(|line| line.starts_with(&format!("{address:x}-"))).expect("mapped");
            line.split(' ').nth(1).expect("rights").to_owned()
        };
        assert_eq!(rights_at(entry), "r-xs");
        assert_eq!(rights_at(written), "rw-s");
        assert!(code.len() > 3 * 4096 && code.writable().iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_refusal_names_its_remedy() {
        let refused = |what, errno| super::refused(what, errno).to_string();
        assert!(refused("memory file", libc::EACCES).ends_with("; as root: sysctl -w vm.memfd_noexec=0"));
        for (what, errno) in [("memory file", libc::ENOSYS), ("executable mapping", libc::EACCES)] {
            assert!(refused(what, errno).contains(&format!("{what}: ")));
            assert!(refused(what, errno).ends_with(" in the container's or SELinux policy"));
        }
        let error: HashError = super::refused("memory file", libc::EACCES).into();
        assert_eq!(error.code(), "CODE_REFUSED");
    }

    #[test]
    fn too_much_is_an_error() {
        for bytes in [usize::MAX, usize::MAX / 2, 1 << 50] {
            assert_eq!(
                CodeMemory::allocate(bytes).map(|code| code.len()),
                Err(MemoryError::OutOfMemory { bytes })
            );
        }
    }
}
