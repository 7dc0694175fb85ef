//! scrypt with r=1 and p=1 as RFC 7914 writes it: what every backend must equal.

use otedama_sha256::reference::sha256;

/// Derives `out.len()` bytes; `n` is a power of two.
pub fn scrypt(password: &[u8], salt: &[u8], n: usize, out: &mut [u8]) {
    let mut block = [0u8; 128];
    pbkdf2(password, salt, &mut block);
    let mut x = [0u32; 32];
    for (word, bytes) in x.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let mut v = Vec::with_capacity(n);
    for _ in 0..n {
        v.push(x);
        block_mix(&mut x);
    }
    for _ in 0..n {
        let row = v[x[16] as usize % n];
        for (word, other) in x.iter_mut().zip(row) {
            *word ^= other;
        }
        block_mix(&mut x);
    }
    for (bytes, word) in block.as_chunks_mut::<4>().0.iter_mut().zip(x) {
        *bytes = word.to_le_bytes();
    }
    pbkdf2(password, &block, out);
}

/// The proof-of-work hash of a header.
pub fn hash_header(header: &[u8; 80]) -> [u8; 32] {
    let mut hash = [0u8; 32];
    scrypt(header, header, 1024, &mut hash);
    hash
}

fn block_mix(x: &mut [u32; 32]) {
    let (first, second) = x.as_chunks_mut::<16>().0.split_at_mut(1);
    let (first, second) = (&mut first[0], &mut second[0]);
    xor(first, second);
    salsa20_8(first);
    xor(second, first);
    salsa20_8(second);
}

fn xor(block: &mut [u32; 16], other: &[u32; 16]) {
    for (word, other) in block.iter_mut().zip(other) {
        *word ^= other;
    }
}

fn salsa20_8(block: &mut [u32; 16]) {
    let mut x = *block;
    let mut quarter = |a: usize, b: usize, c: usize, d: usize| {
        x[b] ^= x[a].wrapping_add(x[d]).rotate_left(7);
        x[c] ^= x[b].wrapping_add(x[a]).rotate_left(9);
        x[d] ^= x[c].wrapping_add(x[b]).rotate_left(13);
        x[a] ^= x[d].wrapping_add(x[c]).rotate_left(18);
    };
    for _ in 0..4 {
        quarter(0, 4, 8, 12);
        quarter(5, 9, 13, 1);
        quarter(10, 14, 2, 6);
        quarter(15, 3, 7, 11);
        quarter(0, 1, 2, 3);
        quarter(5, 6, 7, 4);
        quarter(10, 11, 8, 9);
        quarter(15, 12, 13, 14);
    }
    for (word, mixed) in block.iter_mut().zip(x) {
        *word = word.wrapping_add(mixed);
    }
}

/// PBKDF2-HMAC-SHA256 with one iteration.
fn pbkdf2(password: &[u8], salt: &[u8], out: &mut [u8]) {
    for (index, chunk) in out.chunks_mut(32).enumerate() {
        let number = (index as u32 + 1).to_be_bytes();
        chunk.copy_from_slice(&hmac_sha256(password, &[salt, &number].concat())[..chunk.len()]);
    }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut padded = [0u8; 64];
    if key.len() > padded.len() {
        padded[..32].copy_from_slice(&sha256(key));
    } else {
        padded[..key.len()].copy_from_slice(key);
    }
    let inner = sha256(&[&padded.map(|byte| byte ^ 0x36), message].concat());
    sha256(&[&padded.map(|byte| byte ^ 0x5c), &inner[..]].concat())
}
