//! The rounds with tables that hold SubBytes and MixColumns together, made at compile time. Nothing secret is
//! hashed, so look-ups by data are no leak.

use super::{Aes, Rounds, aes_of};

pub const AES: Aes = aes_of!("portable", Tables);

/// MixColumns of `S(x)` in the first row; the other rows are rotations of it.
static ENCRYPT: [u32; 256] = columns(&S_BOX, [2, 1, 1, 3]);
static DECRYPT: [u32; 256] = columns(&inverse(&S_BOX), [14, 9, 13, 11]);

const S_BOX: [u8; 256] = s_box();

/// Product in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1.
const fn multiply(a: u8, b: u8) -> u8 {
    let (mut a, mut b, mut product) = (a, b, 0);
    while b != 0 {
        if b & 1 != 0 {
            product ^= a;
        }
        a = a << 1 ^ if a & 0x80 != 0 { 0x1b } else { 0 };
        b >>= 1;
    }
    product
}

/// Walks through all non-zero elements as powers of the generator 3, and through their inverses beside them.
const fn s_box() -> [u8; 256] {
    const INVERSE_OF_3: u8 = 0xf6;
    let mut table = [0x63; 256];
    let (mut power, mut reciprocal) = (1u8, 1u8);
    loop {
        let r = reciprocal;
        table[power as usize] =
            r ^ r.rotate_left(1) ^ r.rotate_left(2) ^ r.rotate_left(3) ^ r.rotate_left(4) ^ 0x63;
        power = multiply(power, 3);
        reciprocal = multiply(reciprocal, INVERSE_OF_3);
        if power == 1 {
            return table;
        }
    }
}

const fn inverse(table: &[u8; 256]) -> [u8; 256] {
    let mut inverted = [0; 256];
    let mut value = 0;
    while value < 256 {
        inverted[table[value] as usize] = value as u8;
        value += 1;
    }
    inverted
}

const fn columns(table: &[u8; 256], factors: [u8; 4]) -> [u32; 256] {
    let mut out = [0; 256];
    let mut value = 0;
    while value < 256 {
        let s = table[value];
        out[value] = u32::from_le_bytes([
            multiply(s, factors[0]),
            multiply(s, factors[1]),
            multiply(s, factors[2]),
            multiply(s, factors[3]),
        ]);
        value += 1;
    }
    out
}

struct Tables;

// SAFETY: plain code, runs anywhere.
unsafe impl Rounds for Tables {
    /// Columns of the state, the first row in the low byte.
    type Block = [u32; 4];

    #[inline(always)]
    unsafe fn load(bytes: &[u8; 16]) -> [u32; 4] {
        core::array::from_fn(|column| u32::from_le_bytes(core::array::from_fn(|row| bytes[4 * column + row])))
    }

    #[inline(always)]
    unsafe fn store(block: [u32; 4], bytes: &mut [u8; 16]) {
        for (chunk, column) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(block) {
            *chunk = column.to_le_bytes();
        }
    }

    #[inline(always)]
    unsafe fn encrypt(block: [u32; 4], key: [u32; 4]) -> [u32; 4] {
        core::array::from_fn(|column| key[column] ^ look_up(&ENCRYPT, |row| block[(column + row) % 4]))
    }

    #[inline(always)]
    unsafe fn decrypt(block: [u32; 4], key: [u32; 4]) -> [u32; 4] {
        core::array::from_fn(|column| key[column] ^ look_up(&DECRYPT, |row| block[(column + 4 - row) % 4]))
    }

    #[inline(always)]
    unsafe fn prefetch(_lines: &[u8], _ahead: usize) {
        // The look-ups take longer than the memory.
    }
}

/// One column after the table steps; `source` gives the column from which a row comes.
#[inline(always)]
fn look_up(table: &[u32; 256], source: impl Fn(usize) -> u32) -> u32 {
    let row = |row: usize| table[(source(row) >> (8 * row) & 0xff) as usize].rotate_left(8 * row as u32);
    row(0) ^ row(1) ^ row(2) ^ row(3)
}
