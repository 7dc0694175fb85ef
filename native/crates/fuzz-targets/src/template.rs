//! Monero's templates of any shape: refused exactly where the limits say so, else the blob that the reference
//! permutation gives.

use otedama_cryptonote::{MinerTxVersion, Template, TemplateError, TemplateParts, block_id_of};
use otedama_keccak::reference::keccak_f1600;
use otedama_primitives::Hash;

use crate::input::Input;

const MAX_HEADER: usize = 470;
const MAX_EXTRA_NONCE: usize = 32;
/// Longer ones are refused only beyond 4 MiB, which a fuzzer does not reach.
const MOST_MINER_TX: u16 = 400;

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let (parts, expected) = parts(&mut input);
    let template = Template::new(parts.clone());
    assert_eq!(template.as_ref().err().copied(), expected);
    let Ok(template) = template else { return };
    let length = usize::from(input.byte() % 34);
    let extra_nonce = input.vec(length);
    let nonce = input.u32();
    let expected = (length == parts.extra_nonce_bytes).then(|| plain_blob(&parts, &extra_nonce));
    assert_eq!(template.hashing_blob(&extra_nonce), expected);
    let expected = expected.map(|mut blob| {
        blob[parts.nonce_offset..][..4].copy_from_slice(&nonce.to_le_bytes());
        blob
    });
    let mined = template.mined_blob(&extra_nonce, nonce);
    assert_eq!(mined, expected);
    if let Some(blob) = mined {
        assert_eq!(block_id_of(&blob), keccak256(&[&varint(blob.len())[..], &blob].concat()));
    }
}

/// Any parts, and what is wrong with them.
pub fn parts(input: &mut Input<'_>) -> (TemplateParts, Option<TemplateError>) {
    let header_bytes = usize::from(input.u16() % 600);
    let branch = usize::from(input.byte() % 36);
    let parts = TemplateParts {
        // Small and huge offsets: the sum with the nonce's length must not wrap.
        nonce_offset: (input.u64() as i64 >> (input.byte() % 64)) as usize,
        extra_nonce_bytes: usize::from(input.byte() % 40),
        tx_count: input.u32() >> (input.byte() % 32),
        miner_tx_version: if input.byte() == 1 { MinerTxVersion::V1 } else { MinerTxVersion::V2 },
        miner_tx_prefix: bytes(input),
        miner_tx_suffix: bytes(input),
        header: input.vec(header_bytes),
        merkle_branch: (0..branch).map(|_| input.array()).collect(),
    };
    let fits = header_bytes >= 4 && parts.nonce_offset <= header_bytes - 4;
    // So many halvings leave one.
    let halves = u64::from(parts.tx_count) >> branch == 1;
    let error = if header_bytes > MAX_HEADER {
        Some(TemplateError::Header)
    } else if !fits {
        Some(TemplateError::NonceOffset)
    } else if parts.extra_nonce_bytes > MAX_EXTRA_NONCE {
        Some(TemplateError::ExtraNonce)
    } else {
        (!halves).then_some(TemplateError::Branch)
    };
    (parts, error)
}

fn bytes(input: &mut Input<'_>) -> Vec<u8> {
    let length = input.u16() % MOST_MINER_TX;
    input.vec(usize::from(length))
}

/// Written down as libs/cryptonote describes it.
fn plain_blob(parts: &TemplateParts, extra_nonce: &[u8]) -> Vec<u8> {
    let prefix_hash = keccak256(&[&parts.miner_tx_prefix, extra_nonce, &parts.miner_tx_suffix].concat());
    let mut root = match parts.miner_tx_version {
        MinerTxVersion::V1 => prefix_hash,
        MinerTxVersion::V2 => keccak256(&[prefix_hash, keccak256(&[0]), [0; 32]].concat()),
    };
    for sibling in &parts.merkle_branch {
        root = keccak256(&[root, *sibling].concat());
    }
    [&parts.header, &root[..], &varint(parts.tx_count as usize)].concat()
}

fn varint(value: usize) -> Vec<u8> {
    let last = (1..10).find(|bytes| value >> (7 * bytes) == 0).expect("it has fewer than 64 bits");
    (0..last).map(|at| (value >> (7 * at)) as u8 & 0x7f | if at + 1 < last { 0x80 } else { 0 }).collect()
}

/// The sponge over the reference permutation, byte by byte.
fn keccak256(message: &[u8]) -> Hash {
    const RATE: usize = 136;
    let mut padded = message.to_vec();
    padded.push(1);
    padded.resize(padded.len().next_multiple_of(RATE), 0);
    padded[message.len() / RATE * RATE + RATE - 1] |= 0x80;
    let mut state = [0; 25];
    for block in padded.chunks(RATE) {
        for (at, byte) in block.iter().enumerate() {
            state[at / 8] ^= u64::from(*byte) << (8 * (at % 8));
        }
        keccak_f1600(&mut state);
    }
    core::array::from_fn(|at| (state[at / 8] >> (8 * (at % 8))) as u8)
}

pub fn seeds() -> Vec<Vec<u8>> {
    let seed = |header: u16, branch: u8, nonce_offset: u64, extra_nonce: u8, txs: u32, version: u8| {
        let mut seed = header.to_le_bytes().to_vec();
        seed.push(branch);
        seed.extend(nonce_offset.to_le_bytes());
        seed.extend([0, extra_nonce]);
        seed.extend(txs.to_le_bytes());
        seed.extend([0, version, 88, 0]);
        seed.extend([0x11; 88]);
        seed.extend([44, 0]);
        seed.extend([0x22; 44]);
        seed.extend(vec![0x33; header.into()]);
        seed.extend(vec![0x44; 32 * usize::from(branch)]);
        seed.push(extra_nonce);
        seed.extend([0x55; 36]);
        seed
    };
    vec![
        vec![],
        seed(43, 5, 39, 16, 40, 2),
        seed(43, 0, 39, 0, 1, 1),
        seed(470, 31, 466, 32, u32::MAX, 2),
        seed(43, 7, u64::MAX, 8, 128, 2),
        seed(471, 3, 39, 33, 8, 2),
    ]
}
