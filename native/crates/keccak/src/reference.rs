//! Keccak-f as its specification writes it: step by step on a 5 x 5 array, constants made by their rule.
//! Slow and plain; what every other form must equal.

use crate::{State800, State1600};

pub fn keccak_f1600(state: &mut State1600) {
    permute(state, 6);
}

pub fn keccak_f800(state: &mut State800) {
    let mut wide = state.map(u64::from);
    permute(&mut wide, 5);
    *state = wide.map(|word| word as u32);
}

/// The permutation on words of 2^`l` bits, kept in the low bits: 12 + 2 `l` rounds.
fn permute(a: &mut [u64; 25], l: u32) {
    let width = 1 << l;
    let mut register = 1u8;
    for _ in 0..12 + 2 * l {
        theta(a, width);
        rho_pi(a, width);
        chi(a, width);
        a[0] ^= iota(&mut register, l);
    }
}

fn rotate_left(word: u64, count: u32, width: u32) -> u64 {
    let mask = u64::MAX >> (64 - width);
    let count = count % width;
    if count == 0 { word } else { ((word << count) | (word >> (width - count))) & mask }
}

fn theta(a: &mut [u64; 25], width: u32) {
    let mut parity = [0u64; 5];
    for (index, word) in a.iter().enumerate() {
        parity[index % 5] ^= word;
    }
    for (index, word) in a.iter_mut().enumerate() {
        let x = index % 5;
        *word ^= parity[(x + 4) % 5] ^ rotate_left(parity[(x + 1) % 5], 1, width);
    }
}

/// Both steps in one walk along the cycle of pi: the t-th word on it is rotated by the t-th triangular number.
fn rho_pi(a: &mut [u64; 25], width: u32) {
    let (mut x, mut y) = (1, 0);
    let mut moved = a[1];
    for t in 0..24 {
        (x, y) = (y, (2 * x + 3 * y) % 5);
        let rotated = rotate_left(moved, (t + 1) * (t + 2) / 2, width);
        moved = core::mem::replace(&mut a[x + 5 * y], rotated);
    }
}

fn chi(a: &mut [u64; 25], width: u32) {
    let mask = u64::MAX >> (64 - width);
    for row in a.as_chunks_mut::<5>().0 {
        let old = *row;
        for x in 0..5 {
            row[x] = old[x] ^ (!old[(x + 1) % 5] & old[(x + 2) % 5] & mask);
        }
    }
}

/// The next round constant, from the linear feedback shift register x^8 + x^6 + x^5 + x^4 + 1.
fn iota(register: &mut u8, l: u32) -> u64 {
    let mut constant = 0;
    for j in 0..7 {
        if j <= l {
            constant |= u64::from(*register & 1) << ((1u32 << j) - 1);
        }
        let carry = *register >> 7;
        *register = (*register << 1) ^ (carry * 0x71);
    }
    constant
}
