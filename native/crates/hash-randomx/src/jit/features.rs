//! What the processor offers the code generators, looked at once at run time.

use core::arch::x86_64::{__cpuid, __cpuid_count};
use std::sync::OnceLock;

/// Extensions and habits of the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// `mulx` and `rorx`.
    pub bmi2: bool,
    pub avx: bool,
    pub avx2: bool,
    /// 64-bit multiplication in 512-bit registers, and three-input logic in 128-bit ones.
    pub avx512: bool,
    /// A return has to go where its call came from.
    pub shadow_stack: bool,
    /// Loading MXCSR costs more than a mispredicted jump around it.
    pub slow_mxcsr: bool,
    /// A jump that ends on or crosses a 32-byte boundary is not kept decoded (Intel's JCC erratum).
    pub jcc_erratum: bool,
}

impl Features {
    /// What this processor has; none if it lacks what all generated code needs.
    pub fn detect() -> Option<Self> {
        static DETECTED: OnceLock<Option<Features>> = OnceLock::new();
        *DETECTED.get_or_init(|| is_x86_feature_detected!("aes").then(Self::of_this_processor))
    }

    fn of_this_processor() -> Self {
        let processor = Processor::of_this_thread();
        Self {
            bmi2: is_x86_feature_detected!("bmi2"),
            avx: is_x86_feature_detected!("avx"),
            avx2: is_x86_feature_detected!("avx2"),
            avx512: is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl"),
            shadow_stack: has_shadow_stack(),
            slow_mxcsr: processor.vendor != *b"GenuineIntel",
            jcc_erratum: processor.has_jcc_erratum(),
        }
    }
}

/// Whether the system guards this thread's returns.
fn has_shadow_stack() -> bool {
    let pointer: u64;
    // SAFETY: reads the shadow stack pointer; where there is none the instruction does nothing and 0 stays.
    unsafe {
        core::arch::asm!("xor {0:e}, {0:e}", "rdsspq {0}", out(reg) pointer, options(nomem, nostack));
    }
    pointer != 0
}

/// How a processor names itself.
#[derive(Clone, Copy, Debug)]
struct Processor {
    vendor: [u8; 12],
    family: u32,
    model: u32,
    stepping: u32,
}

impl Processor {
    fn of_this_thread() -> Self {
        let leaf = __cpuid(0);
        let mut vendor = [0; 12];
        for (part, word) in vendor.as_chunks_mut::<4>().0.iter_mut().zip([leaf.ebx, leaf.edx, leaf.ecx]) {
            *part = word.to_le_bytes();
        }
        let signature = __cpuid_count(1, 0).eax;
        let family = signature >> 8 & 15;
        Self {
            vendor,
            family: if family == 15 { family + (signature >> 20 & 255) } else { family },
            model: signature >> 4 & 15 | (signature >> 16 & 15) << 4,
            stepping: signature & 15,
        }
    }

    /// From Intel's list of affected processors, "Mitigations for Jump Conditional Code Erratum", 2019.
    const fn has_jcc_erratum(self) -> bool {
        if !matches!(&self.vendor, b"GenuineIntel") || self.family != 6 {
            return false;
        }
        match self.model {
            // Skylake and Cascade Lake; Cooper Lake, the same model from stepping 10, is not.
            0x4e | 0x5e => true,
            0x55 => self.stepping <= 7,
            // Amber, Kaby, Coffee, Whiskey and Comet Lake.
            0x8e | 0x9e => true,
            0xa6 | 0xae => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Processor;

    #[test]
    fn knows_the_processors_with_the_jcc_erratum() {
        let intel = |model, stepping| Processor { vendor: *b"GenuineIntel", family: 6, model, stepping };
        assert!(intel(0x5e, 3).has_jcc_erratum() && intel(0x55, 7).has_jcc_erratum());
        assert!(!intel(0x55, 11).has_jcc_erratum() && !intel(0xcf, 2).has_jcc_erratum());
        let amd = Processor { vendor: *b"AuthenticAMD", family: 25, model: 0x5e, stepping: 0 };
        assert!(!amd.has_jcc_erratum());
    }
}
