//! Headers, difficulties and boundaries: what lies around a hash.

use otedama_hash_ethash::boundary_of_difficulty;
use otedama_keccak::keccak256;
use otedama_primitives::U256;
use otedama_test_vectors::{Case, cases};

/// Length of an RLP item's head and of its payload.
fn rlp_lengths(bytes: &[u8]) -> (usize, usize) {
    let long = |count: u8| {
        let length = &bytes[1..1 + usize::from(count)];
        (1 + length.len(), length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    match bytes[0] {
        0..=0x7f => (0, 1),
        short @ 0x80..=0xb7 => (1, usize::from(short - 0x80)),
        count @ 0xb8..=0xbf => long(count - 0xb7),
        short @ 0xc0..=0xf7 => (1, usize::from(short - 0xc0)),
        count @ 0xf8..=0xff => long(count - 0xf7),
    }
}

/// The header's RLP without mix hash and nonce, its items 13 and 14.
fn sealed_part(rlp: &[u8]) -> Vec<u8> {
    let (head, length) = rlp_lengths(rlp);
    let mut rest = &rlp[head..head + length];
    let mut payload = Vec::new();
    for item in 0.. {
        if rest.is_empty() {
            break;
        }
        let (head, length) = rlp_lengths(rest);
        let (bytes, after) = rest.split_at(head + length);
        if item != 13 && item != 14 {
            payload.extend_from_slice(bytes);
        }
        rest = after;
    }
    // Headers have between 256 and 65,535 bytes.
    let mut list = vec![0xf9];
    list.extend_from_slice(&(payload.len() as u16).to_be_bytes());
    list.extend(payload);
    list
}

fn decimal(text: &str) -> U256 {
    text.bytes().fold(U256::ZERO, |sum, digit| {
        let ten = sum.shl(3).checked_add(sum.shl(1)).expect("256 bits");
        ten.checked_add(U256::from_u64(u64::from(digit - b'0'))).expect("256 bits")
    })
}

fn boundary(case: &Case) -> U256 {
    U256::from_be_bytes(case.array("/boundary"))
}

#[test]
fn boundaries_are_the_published_ones() {
    for case in cases("ethash", "difficulty-boundary") {
        let difficulty = U256::from_be_bytes(case.array("/difficulty"));
        assert_eq!(boundary_of_difficulty(&difficulty), boundary(&case), "{}", case.id());
    }
}

#[test]
fn headers_hash_to_their_blocks_and_meet_their_boundaries() {
    for case in ["ethash", "etchash"].into_iter().flat_map(|file| cases(file, "header")) {
        let rlp = case.bytes("/header_rlp");
        assert_eq!(keccak256(&rlp), case.array::<32>("/block_hash"), "{}", case.id());
        assert_eq!(keccak256(&sealed_part(&rlp)), case.array::<32>("/header_hash"), "{}", case.id());
        assert_eq!(
            boundary_of_difficulty(&decimal(case.text("/difficulty"))),
            boundary(&case),
            "{}",
            case.id()
        );
        assert!(U256::from_be_bytes(case.array("/final_hash")) <= boundary(&case), "{}", case.id());
    }
}

#[test]
fn the_recorded_share_meets_its_boundary() {
    for case in cases("ethash", "share") {
        let meets = U256::from_be_bytes(case.array("/final_hash")) <= boundary(&case);
        assert_eq!(meets, case.flag("/valid"), "{}", case.id());
    }
}
