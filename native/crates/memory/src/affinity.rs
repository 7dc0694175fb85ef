use crate::CpuId;

/// Processors that this thread may run on, ascending; None where the system does not say.
#[cfg(target_os = "linux")]
pub fn allowed_cpus() -> Option<Vec<CpuId>> {
    // The kernel refuses a mask that is too short for its processors.
    for words in [16, 256] {
        let mut mask = vec![0u64; words];
        // SAFETY: the mask is writable for the bytes given. 0 is the calling thread.
        let result = unsafe { libc::sched_getaffinity(0, 8 * words, mask.as_mut_ptr().cast()) };
        if result == 0 {
            let set = |cpu: &u32| mask[*cpu as usize / 64] >> (cpu % 64) & 1 == 1;
            return Some((0..64 * words as u32).filter(set).map(CpuId).collect());
        }
    }
    None
}

#[cfg(not(target_os = "linux"))]
pub fn allowed_cpus() -> Option<Vec<CpuId>> {
    None
}

/// Whether the calling thread now runs on this processor only.
#[cfg(target_os = "linux")]
pub fn pin_current_thread(cpu: CpuId) -> bool {
    let CpuId(number) = cpu;
    let mut mask = vec![0u64; number as usize / 64 + 1];
    mask[number as usize / 64] = 1 << (number % 64);
    // SAFETY: the mask is readable for the bytes given. 0 is the calling thread.
    unsafe { libc::sched_setaffinity(0, 8 * mask.len(), mask.as_ptr().cast()) == 0 }
}

#[cfg(not(target_os = "linux"))]
pub fn pin_current_thread(_: CpuId) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{allowed_cpus, pin_current_thread};
    use crate::CpuId;

    #[test]
    fn a_pinned_thread_may_run_on_that_processor_only() {
        let last = *allowed_cpus().expect("Linux says").last().expect("at least one processor");
        let pinned = std::thread::spawn(move || (pin_current_thread(last), allowed_cpus()));
        assert_eq!(pinned.join().expect("no panic"), (true, Some(vec![last])));
    }

    #[test]
    fn a_processor_that_is_not_there_is_refused() {
        assert!(!pin_current_thread(CpuId(60_000)));
    }
}
