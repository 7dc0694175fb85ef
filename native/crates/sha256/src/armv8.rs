//! ARMv8 SHA2 extension: four rounds per instruction pair, state as two plain halves.

use core::arch::aarch64::*;

use crate::{Block, ROUND_CONSTANTS, State, unroll};

pub fn is_available() -> bool {
    std::arch::is_aarch64_feature_detected!("sha2") && std::arch::is_aarch64_feature_detected!("neon")
}

/// Compresses block i into state i for N messages side by side; two hide the instructions' latency.
///
/// # Safety
/// [`is_available`] returned true.
#[target_feature(enable = "sha2,neon")]
pub unsafe fn compress<const N: usize>(states: &mut [State; N], blocks: &[Block; N]) {
    // SAFETY: the target features are enabled here; loads and stores stay within the states' eight words,
    // the 64-byte blocks and the 64 round constants.
    unsafe {
        let mut abcd = [vdupq_n_u32(0); N];
        let mut efgh = abcd;
        let mut m = [[vdupq_n_u32(0); 4]; N];
        for i in 0..N {
            abcd[i] = vld1q_u32(states[i].as_ptr());
            efgh[i] = vld1q_u32(states[i].as_ptr().add(4));
            for (quad, word) in m[i].iter_mut().enumerate() {
                *word = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(blocks[i].as_ptr().add(16 * quad))));
            }
        }
        let (start_abcd, start_efgh) = (abcd, efgh);
        unroll!(quad in [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15] {
            let constants = vld1q_u32(ROUND_CONSTANTS.as_ptr().add(4 * quad));
            for i in 0..N {
                if quad >= 4 {
                    let [a, b, c, d] = m[i];
                    m[i] = [b, c, d, vsha256su1q_u32(vsha256su0q_u32(a, b), c, d)];
                }
                let kw = vaddq_u32(m[i][if quad < 4 { quad } else { 3 }], constants);
                let before = abcd[i];
                abcd[i] = vsha256hq_u32(before, efgh[i], kw);
                efgh[i] = vsha256h2q_u32(efgh[i], before, kw);
            }
        });
        for i in 0..N {
            vst1q_u32(states[i].as_mut_ptr(), vaddq_u32(abcd[i], start_abcd[i]));
            vst1q_u32(states[i].as_mut_ptr().add(4), vaddq_u32(efgh[i], start_efgh[i]));
        }
    }
}
