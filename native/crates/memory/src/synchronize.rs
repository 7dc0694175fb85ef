//! Between writing instructions and running them.

/// Makes this thread forget instructions it may have fetched ahead.
///
/// Processors of this family keep caches coherent, but instructions written through another address than the
/// one they run at need a serialising instruction in between. CPUID is one and traps in virtual machines
/// (tens of microseconds); IRET to the next instruction is one too and stays in user mode.
#[cfg(target_arch = "x86_64")]
pub fn synchronize_thread() {
    use core::arch::asm;

    let shadow_stack: u64;
    // SAFETY: reads the shadow stack pointer; where there is none the instruction does nothing and 0 stays.
    unsafe {
        asm!("xor {0:e}, {0:e}", "rdsspq {0}", out(reg) shadow_stack, options(nomem, nostack));
    }
    if shadow_stack != 0 {
        // IRET would ask the shadow stack for a frame that is not there.
        core::arch::x86_64::__cpuid(0);
        return;
    }
    // SAFETY: the frame pushed is the current state with the next instruction as its address: stack segment,
    // stack pointer before the frame, flags, code segment. IRET pops all of it. Not `nomem`: memory written
    // before must be written before this.
    unsafe {
        asm!(
            "mov {old}, rsp",
            "mov {word:e}, ss",
            "push {word}",
            "push {old}",
            "pushfq",
            "mov {word:e}, cs",
            "push {word}",
            "lea {word}, [rip + 2f]",
            "push {word}",
            "iretq",
            "2:",
            old = out(reg) _,
            word = out(reg) _,
        );
    }
}

#[cfg(target_arch = "aarch64")]
pub fn synchronize_thread() {
    // SAFETY: a barrier.
    unsafe { core::arch::asm!("isb", options(nostack, preserves_flags)) };
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub fn synchronize_thread() {
    core::sync::atomic::fence(core::sync::atomic::Ordering::SeqCst);
}

/// Brings written bytes to where instructions are fetched from, for all processors.
#[cfg(target_arch = "aarch64")]
pub fn clean_caches(written: *const u8, run: *const u8, bytes: usize) {
    use core::arch::asm;

    let kinds: u64;
    // SAFETY: reads the cache type register, which user mode may.
    unsafe { asm!("mrs {}, ctr_el0", out(reg) kinds, options(nomem, nostack, preserves_flags)) };
    let data_line = 4usize << (kinds >> 16 & 15);
    let code_line = 4usize << (kinds & 15);
    // SAFETY: cache maintenance on the bytes of two live mappings; it changes no contents.
    unsafe {
        for at in (0..bytes).step_by(data_line) {
            asm!("dc cvau, {}", in(reg) written.add(at), options(nostack, preserves_flags));
        }
        asm!("dsb ish", options(nostack, preserves_flags));
        for at in (0..bytes).step_by(code_line) {
            asm!("ic ivau, {}", in(reg) run.add(at), options(nostack, preserves_flags));
        }
        asm!("dsb ish", options(nostack, preserves_flags));
    }
}

/// Instruction fetches see what was written.
#[cfg(not(target_arch = "aarch64"))]
pub fn clean_caches(_written: *const u8, _run: *const u8, _bytes: usize) {}
