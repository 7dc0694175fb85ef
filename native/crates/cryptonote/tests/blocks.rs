//! Real blocks and templates, cut into parts and put together again.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use otedama_cryptonote::{
    MAX_EXTRA_NONCE_BYTES, MAX_HASHING_BLOB_BYTES, MAX_MINER_TX_BYTES, MinerTxVersion, NONCE_BYTES, Template,
    TemplateError, TemplateParts, block_id_of, fold_tree_branch, push_varint,
};
use otedama_keccak::keccak256;
use otedama_primitives::Hash;
use otedama_test_vectors::{Case, cases};

/// The branch of leaf 0 from all leaves, as src/crypto/tree-hash.c of monero goes about it: the first leaves go up
/// unpaired until the next level has a power of two.
fn tree_branch(leaves: &[Hash]) -> Vec<Hash> {
    let pair = |pair: &[Hash]| keccak256(pair.as_flattened());
    let mut branch = Vec::new();
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        let width = level.len().next_power_of_two() / 2;
        let unpaired = 2 * width - level.len();
        if unpaired == 0 {
            branch.push(level[1]);
        }
        let joined: Vec<Hash> = level[unpaired..].chunks(2).map(pair).collect();
        level.truncate(unpaired);
        level.extend(joined);
    }
    branch
}

fn varint(value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_varint(&mut bytes, value as u64);
    bytes
}

/// A block is its header, the miner transaction, and the ids of the others behind their count.
fn cut(
    block: &[u8],
    nonce_offset: usize,
    tx_hashes: &[Hash],
    extra_nonce: core::ops::Range<usize>,
) -> Template {
    let header = &block[..nonce_offset + NONCE_BYTES];
    let tail = [varint(tx_hashes.len()), tx_hashes.as_flattened().to_vec()].concat();
    let miner_tx = block[header.len()..].strip_suffix(&tail[..]).unwrap();
    let version = MinerTxVersion::from_number(miner_tx[0].into()).unwrap();
    let prefix_end = header.len() + miner_tx.len() - usize::from(version == MinerTxVersion::V2);
    let leaves = [&[[0; 32]], tx_hashes].concat();
    Template::new(TemplateParts {
        header: header.to_vec(),
        nonce_offset,
        miner_tx_version: version,
        miner_tx_prefix: block[header.len()..extra_nonce.start].to_vec(),
        miner_tx_suffix: block[extra_nonce.end..prefix_end].to_vec(),
        extra_nonce_bytes: extra_nonce.len(),
        merkle_branch: tree_branch(&leaves),
        tx_count: leaves.len() as u32,
    })
    .unwrap()
}

/// Major and minor version, timestamp, the previous block's id.
fn nonce_offset_of(block: &[u8]) -> usize {
    let ends = block.iter().enumerate().filter(|(_, byte)| **byte < 0x80);
    ends.map(|(at, _)| at + 1).nth(2).unwrap() + 32
}

fn check_block(case: &Case, tx_hashes: &[Hash]) {
    let block = case.bytes("/block_blob");
    let nonce_offset = nonce_offset_of(&block);
    let nonce = u32::from_le_bytes(*block[nonce_offset..].first_chunk().unwrap());
    // Anywhere in the miner transaction: the parts give the bytes of the block back, wherever it is cut.
    for (start, length) in [(1, 0), (9, 4), (20, 16), (30, 32)] {
        let start = nonce_offset + NONCE_BYTES + start;
        let template = cut(&block, nonce_offset, tx_hashes, start..start + length);
        let extra_nonce = &block[start..start + length];
        let blob = case.bytes("/hashing_blob");
        assert_eq!(template.hashing_blob(extra_nonce), Some(blob.clone()), "{}", case.id());
        assert_eq!(template.mined_blob(extra_nonce, nonce), Some(blob.clone()), "{}", case.id());
        let mut other = blob;
        other[nonce_offset..][..4].copy_from_slice(&[1, 2, 3, 4]);
        assert_eq!(template.mined_blob(extra_nonce, 0x0403_0201), Some(other), "{}", case.id());
    }
}

#[test]
fn rebuilds_recorded_blocks() {
    for case in cases("randomx", "block") {
        assert_eq!(nonce_offset_of(&case.bytes("/block_blob")), case.number("/nonce_offset") as usize);
        check_block(&case, &case.hashes("/tx_hashes"));
        assert_eq!(block_id_of(&case.bytes("/hashing_blob")), case.array("/block_id"), "{}", case.id());
    }
}

#[test]
fn rebuilds_blocks_of_both_transaction_versions() {
    let mut versions = Vec::new();
    for case in cases("randomx", "block-id") {
        let block = case.bytes("/block_blob");
        versions.push(block[nonce_offset_of(&block) + NONCE_BYTES]);
        let count = case.number("/tx_count") as usize;
        let (hashes, rest) = block[block.len() - 32 * count..].as_chunks::<32>();
        assert!(rest.is_empty());
        check_block(&case, hashes);
        assert_eq!(block_id_of(&case.bytes("/hashing_blob")), case.array("/block_id"), "{}", case.id());
    }
    assert!(versions.contains(&1) && versions.contains(&2));
}

#[test]
fn puts_an_extra_nonce_into_a_template_of_monerod() {
    for case in cases("randomx", "block-template") {
        let block = case.bytes("/template/blocktemplate_blob");
        let nonce_offset = case.number("/expect/nonce_offset") as usize;
        let at = case.number("/expect/with_extra_nonce/at") as usize;
        let extra_nonce = case.bytes("/expect/with_extra_nonce/extra_nonce");
        let template = cut(&block, nonce_offset, &[], at..at + extra_nonce.len());
        assert_eq!(
            (template.nonce_offset(), template.extra_nonce_bytes()),
            (nonce_offset, extra_nonce.len())
        );
        let zeros = vec![0; extra_nonce.len()];
        for (extra_nonce, expected) in [(&zeros, "/expect"), (&extra_nonce, "/expect/with_extra_nonce")] {
            let blob = case.bytes(&format!("{expected}/hashing_blob"));
            assert_eq!(template.hashing_blob(extra_nonce), Some(blob), "{}", case.id());
            let hash = case.array(&format!("{expected}/miner_tx_hash"));
            assert_eq!(template.miner_tx_hash(extra_nonce), Some(hash), "{}", case.id());
        }
        for length in [0, extra_nonce.len() - 1, extra_nonce.len() + 1] {
            assert_eq!(template.hashing_blob(&vec![0; length]), None);
            assert_eq!(template.mined_blob(&vec![0; length], 1), None);
            assert_eq!(template.miner_tx_hash(&vec![0; length]), None);
        }
    }
}

#[test]
fn folds_the_branches_of_recorded_trees() {
    for case in cases("randomx", "tree-hash") {
        let leaves = case.hashes("/leaves");
        let branch = tree_branch(&leaves);
        assert_eq!(branch.len(), leaves.len().ilog2() as usize, "{}", case.id());
        assert_eq!(fold_tree_branch(leaves[0], &branch), case.array("/root"), "{}", case.id());
    }
}

fn sound() -> TemplateParts {
    TemplateParts {
        header: vec![1; 43],
        nonce_offset: 39,
        miner_tx_version: MinerTxVersion::V2,
        miner_tx_prefix: vec![2; 88],
        miner_tx_suffix: vec![3; 44],
        extra_nonce_bytes: 16,
        merkle_branch: vec![[4; 32]; 5],
        tx_count: 40,
    }
}

type Change = fn(&mut TemplateParts);

#[test]
fn takes_parts_up_to_the_limits() {
    let edges: [Change; 8] = [
        |_| {},
        |parts| parts.header.resize(MAX_HASHING_BLOB_BYTES - 42, 1),
        |parts| parts.nonce_offset = 0,
        |parts| parts.miner_tx_suffix = vec![0; MAX_MINER_TX_BYTES - 88],
        |parts| parts.extra_nonce_bytes = 0,
        |parts| parts.extra_nonce_bytes = MAX_EXTRA_NONCE_BYTES,
        |parts| parts.tx_count = 63,
        |parts| (parts.tx_count, parts.merkle_branch) = (u32::MAX, vec![[4; 32]; 31]),
    ];
    for (index, change) in edges.into_iter().enumerate() {
        let mut parts = sound();
        change(&mut parts);
        assert_eq!(Template::new(parts).err(), None, "case {index}");
    }
}

#[test]
fn makes_no_blob_beyond_the_limit() {
    let mut parts = sound();
    parts.header.resize(MAX_HASHING_BLOB_BYTES - 42, 1);
    (parts.tx_count, parts.merkle_branch) = (u32::MAX, vec![[4; 32]; 31]);
    let blob = Template::new(parts).unwrap().hashing_blob(&[7; 16]).unwrap();
    assert!(blob.len() <= MAX_HASHING_BLOB_BYTES);
    assert_eq!(blob[blob.len() - 5..], [0xff, 0xff, 0xff, 0xff, 0x0f]);
}

#[test]
fn refuses_parts_that_fit_no_template() {
    let changes: [(Change, TemplateError); 10] = [
        (|parts| parts.header.resize(MAX_HASHING_BLOB_BYTES - 41, 1), TemplateError::Header),
        (|parts| parts.nonce_offset = 40, TemplateError::NonceOffset),
        (|parts| parts.nonce_offset = usize::MAX, TemplateError::NonceOffset),
        (|parts| parts.header.clear(), TemplateError::NonceOffset),
        (|parts| parts.miner_tx_suffix = vec![0; MAX_MINER_TX_BYTES - 87], TemplateError::MinerTx),
        (|parts| parts.extra_nonce_bytes = MAX_EXTRA_NONCE_BYTES + 1, TemplateError::ExtraNonce),
        (|parts| parts.tx_count = 0, TemplateError::Branch),
        (|parts| parts.tx_count = 31, TemplateError::Branch),
        (|parts| parts.tx_count = 64, TemplateError::Branch),
        (|parts| parts.merkle_branch.clear(), TemplateError::Branch),
    ];
    for (index, (change, error)) in changes.into_iter().enumerate() {
        let mut parts = sound();
        change(&mut parts);
        assert_eq!(Template::new(parts).err(), Some(error), "case {index}");
    }
}
