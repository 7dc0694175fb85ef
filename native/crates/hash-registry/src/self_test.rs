use otedama_contexts::{Light, LightKind, QUESTION, QUESTION_NONCE, QUESTION_NONCE_OFFSET};
use otedama_hash_api::{Algorithm, Family, HashError, Hit, Interrupt, PowHasher, Puzzle, Searcher, Solution};
use otedama_primitives::{BlockHeader, Hash, U256};

use crate::{BlobHasher, Selection};

/// A header of a real chain and its proof-of-work hash.
struct KnownAnswer {
    header: BlockHeader,
    hash: Hash,
}

/// Bitcoin's first block.
const SHA256D: KnownAnswer = KnownAnswer {
    header: BlockHeader::from_bytes(unhex(concat!(
        "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e",
        "67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
    ))),
    hash: reversed(unhex("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f")),
};

/// Litecoin's first block.
const SCRYPT: KnownAnswer = KnownAnswer {
    header: BlockHeader::from_bytes(unhex(concat!(
        "010000000000000000000000000000000000000000000000000000000000000000000000d9ced4ed1130f7b7faad9be2",
        "5323ffafa33232a17c3edf6cfd97bee6bafbdd97b9aa8e4ef0ff0f1ecd513f7c"
    ))),
    hash: reversed(unhex("0000050c34a64b415b6b15b37f2216634b5b1669cb9a2e38d76f7213b0671e00")),
};

/// Puts the known header into every lane of both entry points; names the case that fails.
pub fn header(algorithm: Algorithm, hasher: &mut dyn PowHasher) -> Result<(), &'static str> {
    let known = if algorithm == Algorithm::Scrypt { &SCRYPT } else { &SHA256D };
    let nonce = known.header.nonce();
    let lanes = hasher.lanes();
    let target = U256::from_le_bytes(&known.hash);
    let below = target.checked_sub(U256::from_u64(1)).ok_or("hash is zero")?;
    for lane in 0..lanes {
        let first = nonce - lane as u32;
        let headers: Vec<BlockHeader> =
            (0..lanes as u32).map(|offset| known.header.with_nonce(first + offset)).collect();
        let mut hashes = vec![[0u8; 32]; lanes];
        hasher.hash_headers(&headers, &mut hashes);
        if hashes[lane] != known.hash {
            return Err("batch");
        }
        let nonces = u64::from(first)..u64::from(first) + lanes as u64;
        let mut hits = Vec::new();
        hasher.search(&known.header, &target, nonces.clone(), &mut hits);
        if hits != [Hit { nonce, hash: known.hash }] {
            return Err("search");
        }
        hits.clear();
        hasher.search(&known.header, &below, nonces, &mut hits);
        if !hits.is_empty() {
            return Err("search below the target");
        }
    }
    Ok(())
}

/// Has the searcher find, and just not find, what the reference answers from the same light cache: that also
/// shows that the dataset is whole where it was read.
pub fn searcher(selection: Selection, searcher: &mut dyn Searcher, light: &Light) -> Result<(), HashError> {
    let Selection { algorithm, backend } = selection;
    let answer = light.answer(algorithm)?;
    let nonce = u64::from(QUESTION_NONCE);
    let (puzzle, target) = match light.kind {
        LightKind::RandomX(_) => (
            Puzzle::Blob { bytes: QUESTION.to_vec(), nonce_offset: QUESTION_NONCE_OFFSET },
            U256::from_le_bytes(&answer.hash),
        ),
        LightKind::Ethash(_) | LightKind::KawPow(_) => (
            Puzzle::Seal { header_hash: QUESTION, block_number: light.question_block() },
            U256::from_be_bytes(answer.hash),
        ),
    };
    let failed = |case| HashError::SelfTestFailed { algorithm, backend, case };
    let below = target.checked_sub(U256::from_u64(1)).ok_or(failed("hash is zero"))?;
    let mut solutions = Vec::new();
    searcher.search(&puzzle, &target, nonce..nonce + 1, &Interrupt::never(), &mut solutions);
    if solutions != [Solution { nonce, hash: answer.hash, mix: answer.mix }] {
        return Err(failed("search"));
    }
    solutions.clear();
    // A second hash of RandomX says nothing new, and costs a hundred times one of the others.
    if algorithm.family() == Family::Seal {
        searcher.search(&puzzle, &below, nonce..nonce + 1, &Interrupt::never(), &mut solutions);
        if !solutions.is_empty() {
            return Err(failed("search below the target"));
        }
    }
    Ok(())
}

/// Has the hasher answer what the reference answers.
pub fn blob(selection: Selection, hasher: &mut BlobHasher, light: &Light) -> Result<(), HashError> {
    let Selection { algorithm, backend } = selection;
    let mut question = QUESTION;
    question[QUESTION_NONCE_OFFSET..][..4].copy_from_slice(&QUESTION_NONCE.to_le_bytes());
    let mut hash = [[0; 32]];
    hasher.hash_many(&[&question], &mut hash);
    if hash != [light.answer(algorithm)?.hash] {
        return Err(HashError::SelfTestFailed { algorithm, backend, case: "hash" });
    }
    Ok(())
}

const fn unhex<const N: usize>(text: &str) -> [u8; N] {
    let digits = text.as_bytes();
    assert!(digits.len() == 2 * N, "two digits for each byte");
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        bytes[at] = digit(digits[2 * at]) << 4 | digit(digits[2 * at + 1]);
        at += 1;
    }
    bytes
}

const fn digit(character: u8) -> u8 {
    match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'f' => character - b'a' + 10,
        _ => panic!("not a hex digit"),
    }
}

const fn reversed(bytes: Hash) -> Hash {
    let mut out = [0; 32];
    let mut at = 0;
    while at < 32 {
        out[at] = bytes[31 - at];
        at += 1;
    }
    out
}
