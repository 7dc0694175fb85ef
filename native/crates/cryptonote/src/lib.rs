//! What a verifier needs of Monero's blocks: the hashing blob of a session from the parts of a template, and the
//! id of the block that a share completes.
//!
//! It parses nothing: `libs/cryptonote` of the repository takes templates apart and names everything alike.
#![forbid(unsafe_code)]

mod miner_tx;
mod template;
mod tree_hash;
mod varint;

use otedama_keccak::keccak256;
use otedama_primitives::Hash;

pub use miner_tx::{MinerTxVersion, hash_miner_tx};
pub use template::{
    MAX_EXTRA_NONCE_BYTES, MAX_HASHING_BLOB_BYTES, MAX_MINER_TX_BYTES, NONCE_BYTES, Template, TemplateError,
    TemplateParts,
};
pub use tree_hash::fold_tree_branch;
pub use varint::push_varint;

/// The block's id. The proof of work is the RandomX hash of the same bytes without the length before them.
pub fn block_id_of(hashing_blob: &[u8]) -> Hash {
    let mut bytes = Vec::with_capacity(varint::MAX_BYTES + hashing_blob.len());
    push_varint(&mut bytes, hashing_blob.len() as u64);
    bytes.extend_from_slice(hashing_blob);
    keccak256(&bytes)
}
