//! 256-bit numbers, compact targets and difficulties against schoolbook arithmetic on lists of bits and limbs.

use otedama_primitives::{U256, decode_compact, difficulty_of_bits, encode_compact, target_for_difficulty};
use otedama_test_vectors::cases;

use crate::input::Input;

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let (a, b): ([u8; 32], [u8; 32]) = (input.array(), input.array());
    check_arithmetic(&a, &b);
    check_shifts(&a, input.u16());
    check_compact(&a, input.u32());
    check_difficulty(f64::from_bits(input.u64()), f64::from_bits(input.u64()));
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![vec![], vec![0xff; 88]];
    for case in cases("sha256d", "compact-bits") {
        let mut seed = vec![0; 66];
        seed.extend(case.hex_u32("/bits").to_le_bytes());
        seeds.push(seed);
    }
    for difficulty in [1.0, 0.001, 1e-300, 1e300, 16384.5, f64::MIN_POSITIVE / 8.0] {
        let mut seed = vec![0; 70];
        seed.extend(f64::to_le_bytes(difficulty));
        seed.extend(f64::to_le_bytes(difficulty * 1.5));
        seeds.push(seed);
    }
    seeds
}

fn check_arithmetic(a: &[u8; 32], b: &[u8; 32]) {
    let (x, y) = (U256::from_le_bytes(a), U256::from_le_bytes(b));
    assert_eq!(x.to_le_bytes(), *a);
    let mut reversed = *a;
    reversed.reverse();
    assert_eq!(U256::from_be_bytes(reversed), x);
    assert_eq!(x.is_zero(), a.iter().all(|byte| *byte == 0));
    assert_eq!(x.cmp(&y), a.iter().rev().cmp(b.iter().rev()));

    let (mut sum, mut carry) = ([0u8; 32], 0);
    for (out, (a, b)) in sum.iter_mut().zip(a.iter().zip(b)) {
        let total = u16::from(*a) + u16::from(*b) + carry;
        (*out, carry) = (total as u8, total >> 8);
    }
    assert_eq!(x.checked_add(y), (carry == 0).then(|| U256::from_le_bytes(&sum)));
    match x.checked_sub(y) {
        Some(difference) => assert!(x >= y && difference.checked_add(y) == Some(x)),
        None => assert!(x < y),
    }
}

fn check_shifts(a: &[u8; 32], count: u16) {
    let value = U256::from_le_bytes(a);
    let count = usize::from(count % 600);
    let bit = |bytes: &[u8; 32], at: usize| at < 256 && bytes[at / 8] >> (at % 8) & 1 == 1;
    let (up, down) = (value.shl(count as u32).to_le_bytes(), value.shr(count as u32).to_le_bytes());
    for at in 0..256 {
        assert_eq!(bit(&up, at), at >= count && bit(a, at - count));
        assert_eq!(bit(&down, at), bit(a, at + count));
    }
    let length = (0..256).rev().find(|at| bit(a, *at)).map_or(0, |at| at as u32 + 1);
    assert_eq!(value.bit_length(), length);
}

fn check_compact(number: &[u8; 32], bits: u32) {
    let decoded = decode_compact(bits);
    let mantissa = (bits & 0x007f_ffff).to_le_bytes();
    let mut bytes = [0u8; 32];
    let mut lost = false;
    for (index, byte) in mantissa.into_iter().enumerate() {
        // Byte `index` of the mantissa has the weight 256^(index + size - 3).
        match (index + (bits >> 24) as usize).checked_sub(3) {
            Some(at) if at < 32 => bytes[at] = byte,
            Some(_) => lost |= byte != 0,
            None => {}
        }
    }
    assert_eq!(decoded.value, U256::from_le_bytes(&bytes));
    assert_eq!(decoded.overflow, lost);
    let is_target = !decoded.negative && !decoded.overflow && !decoded.value.is_zero();
    assert_eq!(decoded.pow_target(), is_target.then_some(decoded.value));
    if !decoded.overflow {
        assert_eq!(decode_compact(encode_compact(decoded.value)).value, decoded.value);
    }

    let value = U256::from_le_bytes(number);
    let compact = decode_compact(encode_compact(value));
    assert!(!compact.negative && !compact.overflow);
    let cut_off = value.checked_sub(compact.value).expect("cutting off bits makes it smaller");
    assert!(cut_off.bit_length() + 15 <= value.bit_length().max(15), "15 bits at least are kept");
}

fn check_difficulty(one: f64, other: f64) {
    let targets = [one, other].map(target_for_difficulty);
    for (difficulty, target) in [one, other].into_iter().zip(targets) {
        assert_eq!(target.is_some(), difficulty.is_finite() && difficulty > 0.0);
        if let Some(target) = target {
            check_target(difficulty, target);
        }
    }
    if let [Some(first), Some(second)] = targets
        && one <= other
    {
        assert!(first >= second, "a higher difficulty has no higher target");
    }
    let difficulty = difficulty_of_bits(one.to_bits() as u32);
    assert!(difficulty > 0.0 || one.to_bits() as u32 >> 24 > 0x1d, "only huge targets may underflow");
}

/// target <= 0xffff * 2^208 / difficulty < target + 1, or the target is the largest number.
fn check_target(difficulty: f64, target: U256) {
    let raw = difficulty.to_bits();
    let (field, fraction) = ((raw >> 52) as i32, raw & ((1 << 52) - 1));
    let (mantissa, exponent) =
        if field == 0 { (fraction, -1074) } else { (fraction | 1 << 52, field - 1075) };
    // Both sides times 2^1074 are whole numbers.
    let up = (exponent + 1074) as usize;
    let numerator = shifted(&[0xffff], 208 + 1074);
    let product = |factor: &[u32]| shifted(&times(factor, mantissa), up);
    let limbs: Vec<u32> =
        target.to_le_bytes().as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
    assert!(!is_less(&numerator, &product(&limbs)), "{difficulty} has too high a target");
    if let Some(next) = target.checked_add(U256::from_u64(1)) {
        let limbs: Vec<u32> =
            next.to_le_bytes().as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        assert!(is_less(&numerator, &product(&limbs)), "{difficulty} has too low a target");
    }
}

/// Numbers as limbs of 32 bits, least significant first.
fn times(number: &[u32], factor: u64) -> Vec<u32> {
    let mut product = vec![0u32; number.len() + 2];
    for (part, factor) in [factor as u32, (factor >> 32) as u32].into_iter().enumerate() {
        let mut carry = 0u64;
        for (at, limb) in number.iter().enumerate() {
            let sum = u64::from(*limb) * u64::from(factor) + u64::from(product[at + part]) + carry;
            (product[at + part], carry) = (sum as u32, sum >> 32);
        }
        let top = number.len() + part;
        product[top] = product[top].wrapping_add(carry as u32);
    }
    product
}

fn shifted(number: &[u32], bits: usize) -> Vec<u32> {
    let mut out = vec![0u32; bits / 32];
    let mut carry = 0u64;
    for limb in number {
        let wide = u64::from(*limb) << (bits % 32) | carry;
        out.push(wide as u32);
        carry = wide >> 32;
    }
    out.push(carry as u32);
    out
}

fn is_less(a: &[u32], b: &[u32]) -> bool {
    let limb = |number: &[u32], at: usize| number.get(at).copied().unwrap_or(0);
    let differing = (0..a.len().max(b.len())).rev().find(|at| limb(a, *at) != limb(b, *at));
    differing.is_some_and(|at| limb(a, at) < limb(b, at))
}
