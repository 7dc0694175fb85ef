//! The system calls on mappings, each error an errno. Everything else in this crate goes through here.

use core::ptr::{self, NonNull};

use libc::c_int;

pub type Errno = i32;

/// Start of every mapping: what a 2 MB page, translated in one entry, asks for.
pub const ALIGNMENT: usize = 2 << 20;

/// Memory mapped by this process and unmapped when dropped.
#[derive(Debug)]
pub struct Mapping {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: a mapping belongs to the process, not to a thread; this type only hands out its address.
unsafe impl Send for Mapping {}
// SAFETY: as above; whoever turns the address into references answers for aliasing.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Anonymous, private, readable, writable and zeroed. `flags` are added, `bytes` is in whole pages of the
    /// size they ask for.
    pub fn anonymous(bytes: usize, flags: c_int) -> Result<Self, Errno> {
        Self::map(bytes, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANON | flags, -1)
    }

    /// The same, starting at a multiple of [`ALIGNMENT`].
    pub fn aligned(bytes: usize) -> Result<Self, Errno> {
        let mut mapping = Self::anonymous(bytes.checked_add(ALIGNMENT).ok_or(libc::ENOMEM)?, 0)?;
        let head = mapping.start.as_ptr().addr().wrapping_neg() % ALIGNMENT;
        let tail = ALIGNMENT - head;
        mapping.cut_head(head);
        mapping.cut_tail(tail);
        Ok(mapping)
    }

    /// A view of a file's first `bytes`.
    #[cfg(target_os = "linux")]
    pub fn shared(file: c_int, bytes: usize, protection: c_int) -> Result<Self, Errno> {
        Self::map(bytes, protection, libc::MAP_SHARED, file)
    }

    fn map(bytes: usize, protection: c_int, flags: c_int, file: c_int) -> Result<Self, Errno> {
        // SAFETY: without MAP_FIXED the kernel chooses unused addresses, so no memory in use changes.
        let start = unsafe { libc::mmap(ptr::null_mut(), bytes, protection, flags, file, 0) };
        if start == libc::MAP_FAILED {
            return Err(last_errno());
        }
        NonNull::new(start.cast()).map(|start| Self { start, bytes }).ok_or(libc::ENOMEM)
    }

    fn cut_head(&mut self, bytes: usize) {
        if bytes == 0 {
            return;
        }
        // SAFETY: whole pages inside this mapping, to which nobody holds a pointer yet.
        unsafe {
            libc::munmap(self.start.as_ptr().cast(), bytes);
            self.start = self.start.add(bytes);
        }
        self.bytes -= bytes;
    }

    fn cut_tail(&mut self, bytes: usize) {
        if bytes == 0 {
            return;
        }
        self.bytes -= bytes;
        // SAFETY: as for the head; the end of the rest is inside the mapping.
        unsafe { libc::munmap(self.start.as_ptr().add(self.bytes).cast(), bytes) };
    }

    pub const fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// `advice` must not discard contents.
    #[cfg(target_os = "linux")]
    pub fn advise(&self, advice: c_int) -> Result<(), Errno> {
        debug_assert!(advice != libc::MADV_DONTNEED && advice != libc::MADV_FREE);
        // SAFETY: the whole of a live mapping; the advice keeps its contents.
        match unsafe { libc::madvise(self.start.as_ptr().cast(), self.bytes, advice) } {
            0 => Ok(()),
            _ => Err(last_errno()),
        }
    }

    /// Sets where pages not yet touched will come from: `mode` is MPOL_BIND or MPOL_PREFERRED.
    #[cfg(target_os = "linux")]
    pub fn set_policy(&self, mode: c_int, node: u32) -> Result<(), Errno> {
        const BITS: usize = u64::BITS as usize;
        let mut mask = vec![0u64; node as usize / BITS + 1];
        mask[node as usize / BITS] = 1 << (node as usize % BITS);
        // SAFETY: the range is a live mapping and the mask has `maxnode - 1` readable bits (the kernel takes
        // one off). The policy changes which node pages come from and no contents.
        let result = unsafe {
            libc::syscall(
                libc::SYS_mbind,
                self.start.as_ptr(),
                self.bytes,
                mode,
                mask.as_ptr(),
                mask.len() * BITS + 1,
                0,
            )
        };
        if result == 0 { Ok(()) } else { Err(last_errno()) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by this value and not unmapped before; borrowed views have ended with it.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.bytes) };
    }
}

pub fn last_errno() -> Errno {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

/// Size of an ordinary page.
pub fn page_bytes() -> usize {
    // SAFETY: a query without arguments in memory.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}
