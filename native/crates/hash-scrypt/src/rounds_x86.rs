//! Salsa's double round for three groups of AVX2 or AVX-512 vectors, in assembly for the sake of its order: a
//! group can do little more than one instruction per cycle, so the same step is done for all three before the
//! next, and the twelve vectors stay in registers throughout. The compiler does neither (it costs 5 to 10 %).

use core::arch::{asm, x86_64::*};

use crate::salsa::Half;

pub const GROUPS_IN_STEP: usize = 3;

// In the text the diagonals of group 0 are called a0 b0 c0 d0, and its sum t0.

/// One instruction for each group: what stands before, between and after the two or three operands.
macro_rules! each {
    ($name:literal $to:literal, $from:literal $(, $other:literal)? $(; $immediate:expr)?) => {
        concat!(
            each!(one "0" $name $to, $from $(, $other)? $(; $immediate)?),
            each!(one "1" $name $to, $from $(, $other)? $(; $immediate)?),
            each!(one "2" $name $to, $from $(, $other)? $(; $immediate)?),
        )
    };
    (one $group:literal $name:literal $to:literal, $from:literal $(, $other:literal)? $(; $immediate:expr)?) => {
        concat!(
            $name, " {", $to, $group, "}, {", $from, $group, "}",
            $(", {", $other, $group, "}",)?
            $(", ", $immediate,)?
            "\n",
        )
    };
}

/// to ^= rotate_left(left + right, by)
macro_rules! update_avx512 {
    ($to:literal ^= $left:literal + $right:literal, $by:literal) => {
        concat!(
            each!("vpaddd" "t", $left, $right),
            each!("vprold" "t", "t"; $by),
            each!("vpxord" $to, $to, "t"),
        )
    };
}

/// The same without a rotation instruction. The left shifts take turns with the one register that is left.
macro_rules! update_avx2 {
    ($to:literal ^= $left:literal + $right:literal, $by:literal) => {
        concat!(
            each!("vpaddd" "t", $left, $right),
            update_avx2!(shift "0" $to, $by),
            update_avx2!(shift "1" $to, $by),
            update_avx2!(shift "2" $to, $by),
            each!("vpxor" $to, $to, "t"),
        )
    };
    (shift $group:literal $to:literal, $by:literal) => {
        concat!(
            "vpslld {u}, {t", $group, "}, ", $by, "\n",
            "vpsrld {t", $group, "}, {t", $group, "}, 32 - ", $by, "\n",
            "vpxor {", $to, $group, "}, {", $to, $group, "}, {u}\n",
        )
    };
}

macro_rules! double_round {
    ($name:ident, $vector:ty, $register:ident, $feature:literal, $update:ident $(, $spare:ident)?; $($option:ident),*) => {
        #[inline]
        #[target_feature(enable = $feature)]
        pub fn $name(groups: &mut [Half<$vector>; GROUPS_IN_STEP]) {
            let [[a0, b0, c0, d0], [a1, b1, c1, d1], [a2, b2, c2, d2]] = groups;
            // SAFETY: arithmetic on the named registers and nothing else; the target feature is enabled here.
            unsafe {
                asm!(
                    $update!("b" ^= "a" + "d", 7),
                    $update!("c" ^= "b" + "a", 9),
                    $update!("d" ^= "c" + "b", 13),
                    each!("vpshufd" "b", "b"; 0b10_01_00_11),
                    $update!("a" ^= "d" + "c", 18),
                    each!("vpshufd" "c", "c"; 0b01_00_11_10),
                    each!("vpshufd" "d", "d"; 0b00_11_10_01),
                    $update!("d" ^= "a" + "b", 7),
                    $update!("c" ^= "d" + "a", 9),
                    $update!("b" ^= "c" + "d", 13),
                    each!("vpshufd" "d", "d"; 0b10_01_00_11),
                    $update!("a" ^= "b" + "c", 18),
                    each!("vpshufd" "c", "c"; 0b01_00_11_10),
                    each!("vpshufd" "b", "b"; 0b00_11_10_01),
                    a0 = inout($register) *a0, b0 = inout($register) *b0,
                    c0 = inout($register) *c0, d0 = inout($register) *d0,
                    a1 = inout($register) *a1, b1 = inout($register) *b1,
                    c1 = inout($register) *c1, d1 = inout($register) *d1,
                    a2 = inout($register) *a2, b2 = inout($register) *b2,
                    c2 = inout($register) *c2, d2 = inout($register) *d2,
                    t0 = out($register) _, t1 = out($register) _, t2 = out($register) _,
                    $($spare = out($register) _,)?
                    options($($option,)* nostack, preserves_flags)
                );
            }
        }
    };
}
// Not `nomem`, though it is: else the compiler would keep what `REREADS_ROWS` is meant to read again.
double_round!(double_round_avx2, __m256i, ymm_reg, "avx2", update_avx2, u;);
double_round!(double_round_avx512, __m512i, zmm_reg, "avx512f", update_avx512; pure, nomem);
