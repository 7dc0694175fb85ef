//! Directed rounding in plain code against the processor's, on values of the virtual machine's range.

use super::shared::Random;
use crate::machine::Rounding;
use crate::rounding::{add, divide, multiply, square_root, subtract};

const MODES: [Rounding; 4] = [Rounding::Nearest, Rounding::Down, Rounding::Up, Rounding::Zero];

/// Published by the reference library's tests: operation, operands, mode, result.
#[test]
fn rounds_as_published() {
    let f = f64::from_bits;
    let (a, b) = (f(0xc1ce_30b3_c422_3576), f(0x40b8_f684_057a_59e1));
    let low = [0xc1ce_30a7_48e0_32b9, 0xc1ce_30a7_48e0_32b9, 0xc1ce_30a7_48e0_32b8, 0xc1ce_30a7_48e0_32b8];
    for (mode, bits) in MODES.into_iter().zip(low) {
        assert_eq!(add(a, b, mode).to_bits(), bits, "{mode:?}");
    }
    let (a, b) = (f(0x3ffd_2c97_cc4e_f015), f(0x402a_26a8_6a60_c8fb));
    let high = [0x402d_cc3b_63ea_a6fe, 0x402d_cc3b_63ea_a6fd, 0x402d_cc3b_63ea_a6fe, 0x402d_cc3b_63ea_a6fd];
    for (mode, bits) in MODES.into_iter().zip(high) {
        assert_eq!(add(a, b, mode).to_bits(), bits, "{mode:?}");
    }
    let (a, b) = (f(0x41db_c35c_ef24_8783), f(0x40eb_a861_aa31_c7c0));
    let product =
        [0x42d7_feec_cd89_152f, 0x42d7_feec_cd89_152e, 0x42d7_feec_cd89_152f, 0x42d7_feec_cd89_152e];
    for (mode, bits) in MODES.into_iter().zip(product) {
        assert_eq!(multiply(a, b, mode).to_bits(), bits, "{mode:?}");
    }
    let roots = [0x40d3_0e57_3fa3_ba8d, 0x40d3_0e57_3fa3_ba8c, 0x40d3_0e57_3fa3_ba8d, 0x40d3_0e57_3fa3_ba8c];
    for (mode, bits) in MODES.into_iter().zip(roots) {
        assert_eq!(square_root(f(0x41b6_b21c_11af_fea7), mode).to_bits(), bits, "{mode:?}");
    }
}

#[test]
fn exact_results_are_the_same_in_all_modes_but_for_the_sign_of_zero() {
    for mode in MODES {
        let zero = if mode == Rounding::Down { -0.0f64 } else { 0.0 };
        assert_eq!(add(5.0, -5.0, mode).to_bits(), zero.to_bits(), "{mode:?}");
        assert_eq!(subtract(7.0, 7.0, mode).to_bits(), zero.to_bits(), "{mode:?}");
        assert_eq!(add(0.0, 0.0, mode).to_bits(), 0, "{mode:?}");
        assert_eq!(add(-0.0, -0.0, mode).to_bits(), (-0.0f64).to_bits(), "{mode:?}");
        assert_eq!(add(0.5, 0.25, mode), 0.75);
        assert_eq!(multiply(1.5, 2.0, mode), 3.0);
        assert_eq!(divide(3.0, 2.0, mode), 1.5);
        assert_eq!(square_root(9.0, mode), 3.0);
        assert_eq!(square_root(f64::INFINITY, mode), f64::INFINITY);
    }
}

#[test]
fn overflow_stops_at_the_largest_number_when_rounding_down() {
    let huge = 2f64.powi(1000);
    for mode in MODES {
        let expected = match mode {
            Rounding::Down | Rounding::Zero => f64::MAX,
            _ => f64::INFINITY,
        };
        assert_eq!(multiply(huge, huge, mode), expected, "{mode:?}");
        assert_eq!(divide(huge, 1.0 / huge, mode), expected, "{mode:?}");
        assert_eq!(multiply(f64::INFINITY, 2.0, mode), f64::INFINITY, "{mode:?}");
        assert_eq!(divide(f64::INFINITY, 2.0, mode), f64::INFINITY, "{mode:?}");
    }
}

#[cfg(target_arch = "x86_64")]
mod hardware {
    use core::arch::asm;

    use super::{MODES, Random, Rounding, add, divide, multiply, square_root, subtract};

    /// One scalar instruction in the given rounding mode; the default mode is back afterwards.
    macro_rules! in_mode {
        ($instruction:literal, $a:expr, $b:expr, $mode:expr) => {{
            let mut result: f64 = $a;
            let default: u32 = 0x1f80;
            let mode: u32 = default | ($mode as u32) << 13;
            // SAFETY: reads two words and two registers, and restores the control register.
            unsafe {
                asm!(
                    "ldmxcsr [{mode}]",
                    concat!($instruction, " {result}, {b}"),
                    "ldmxcsr [{default}]",
                    mode = in(reg) &mode,
                    default = in(reg) &default,
                    result = inout(xmm_reg) result,
                    b = in(xmm_reg) $b,
                    options(nostack),
                );
            }
            result
        }};
    }

    /// A positive number with an exponent from `low` to `high`.
    fn positive(random: &mut Random, low: i32, high: i32) -> f64 {
        let exponent = low + (random.word() % (high - low + 1) as u64) as i32;
        // Short fractions make ties and exact results.
        let kept = u64::MAX << (random.word() % 53);
        f64::from_bits(((exponent + 1023) as u64) << 52 | random.word() & kept & ((1 << 52) - 1))
    }

    fn check(what: &str, operands: (f64, f64), mode: Rounding, ours: f64, theirs: f64) {
        assert_eq!(ours.to_bits(), theirs.to_bits(), "{what} of {operands:?}, {mode:?}");
    }

    #[test]
    fn rounds_as_the_processor_does() {
        let mut random = Random(5);
        for round in 0..200_000 {
            let mode = MODES[round % 4];
            let signs = random.word();
            let sign = |bit: u32, value: f64| if signs >> bit & 1 == 0 { value } else { -value };
            let f = sign(0, positive(&mut random, -10, 48));
            let other = if signs & 0xf0 == 0 { f } else { positive(&mut random, -10, 40) };
            let a = sign(1, other);
            check("add", (f, a), mode, add(f, a, mode), in_mode!("addsd", f, a, mode));
            check("subtract", (f, a), mode, subtract(f, a, mode), in_mode!("subsd", f, a, mode));
            let e = positive(&mut random, -255, 1023);
            let a = positive(&mut random, 0, 31);
            let divisor = positive(&mut random, -255, 1);
            check("multiply", (e, a), mode, multiply(e, a, mode), in_mode!("mulsd", e, a, mode));
            check(
                "divide",
                (e, divisor),
                mode,
                divide(e, divisor, mode),
                in_mode!("divsd", e, divisor, mode),
            );
            check("root", (e, e), mode, square_root(e, mode), in_mode!("sqrtsd", e, e, mode));
        }
    }
}
