//! Keccak-f over [`Lanes`]: one body for 64-bit and 32-bit words, one state or many.

use crate::lanes::Lanes;

#[rustfmt::skip]
const ROUND_CONSTANTS: [u64; 24] = [
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
];

/// Left rotation of each word in the rho step; 32-bit words take it modulo 32.
#[rustfmt::skip]
const ROTATIONS: [u32; 25] = [
     0,  1, 62, 28, 27,
    36, 44,  6, 55, 20,
     3, 10, 43, 25, 39,
    41, 45, 15, 21,  8,
    18,  2, 61, 56, 14,
];

/// Repeats a block for 0 to 4 with a known index: arrays indexed by variables would live in memory.
macro_rules! unroll5 {
    ($index:ident $body:block) => {
        unroll5!(@ $index $body 0 1 2 3 4)
    };
    (@ $index:ident $body:block $($value:literal)*) => {
        $({
            let $index: usize = $value;
            $body
        })*
    };
}

/// `count` rounds of Keccak-f from round `first` on, for the states in the lanes of `a`.
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
pub unsafe fn permute<V: Lanes>(a: &mut [V; 25], first: usize, count: usize) {
    // A copy of its own, so that no round has to write through the reference.
    let mut state = *a;
    for constant in &ROUND_CONSTANTS[first..first + count] {
        // SAFETY: the caller's condition is the same.
        unsafe {
            state = round(state);
            state[0] = state[0].xor(V::splat(*constant));
        }
    }
    *a = state;
}

/// A round without its constant.
///
/// # Safety
/// As [`permute`].
#[inline(always)]
unsafe fn round<V: Lanes>(a: [V; 25]) -> [V; 25] {
    // SAFETY: the caller's condition is the same.
    unsafe {
        let mut parity = [a[0]; 5];
        unroll5!(x {
            parity[x] = a[x].xor3(a[x + 5], a[x + 10]).xor3(a[x + 15], a[x + 20]);
        });
        let mut next = a;
        unroll5!(y {
            // Row y of the state after rho and pi: its word x was at column x + 3 y and row x.
            let mut row = [a[0]; 5];
            unroll5!(x {
                let column = (x + 3 * y) % 5;
                let from = column + 5 * x;
                let around = parity[(column + 1) % 5].rotate_left(1);
                let mixed = a[from].xor3(parity[(column + 4) % 5], around);
                row[x] = mixed.rotate_left(ROTATIONS[from] % V::BITS);
            });
            unroll5!(x {
                next[x + 5 * y] = row[x].chi(row[(x + 1) % 5], row[(x + 2) % 5]);
            });
        });
        next
    }
}
