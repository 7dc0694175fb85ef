/// Scheduling priority of mining threads, from 0 (only otherwise idle time) to 5 (before everything else).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priority(u8);

impl Priority {
    pub fn new(level: u32) -> Option<Self> {
        u8::try_from(level).ok().filter(|level| *level <= 5).map(Self)
    }

    /// Best effort: raising needs a privilege, and only Linux has a priority per thread to set this way.
    pub fn apply_to_current_thread(self) {
        #[cfg(target_os = "linux")]
        {
            let nice = [19, 10, 0, -5, -10, -15][usize::from(self.0)];
            // SAFETY: no memory is involved; on Linux 0 means the calling thread. A refusal changes nothing.
            unsafe {
                libc::setpriority(libc::PRIO_PROCESS, 0, nice);
            }
        }
    }
}
