use core::fmt;

use otedama_primitives::Hash;

use crate::miner_tx::{MinerTxVersion, hash_miner_tx};
use crate::tree_hash::fold_tree_branch;
use crate::varint::{self, push_varint};

pub const NONCE_BYTES: usize = 4;

/// Longer than any coin's.
pub const MAX_HASHING_BLOB_BYTES: usize = 512;

/// A miner transaction cannot be larger than a block, which is cut off there where it is read.
pub const MAX_MINER_TX_BYTES: usize = 4 << 20;

/// A share's record has room for so many.
pub const MAX_EXTRA_NONCE_BYTES: usize = 32;

/// A block template cut into what never changes, around the gap for the extra nonce of a session.
#[derive(Clone, Debug)]
pub struct TemplateParts {
    /// Up to and with the nonce, with any nonce.
    pub header: Vec<u8>,
    /// In header and hashing blob.
    pub nonce_offset: usize,
    pub miner_tx_version: MinerTxVersion,
    /// Prefix of the miner transaction before the extra nonce.
    pub miner_tx_prefix: Vec<u8>,
    /// Prefix of the miner transaction after the extra nonce.
    pub miner_tx_suffix: Vec<u8>,
    pub extra_nonce_bytes: usize,
    /// Of leaf 0, the miner transaction, from the leaf upwards.
    pub merkle_branch: Vec<Hash>,
    /// With the miner transaction.
    pub tx_count: u32,
}

/// Parts that fit together.
#[derive(Clone, Debug)]
pub struct Template(TemplateParts);

impl Template {
    pub fn new(parts: TemplateParts) -> Result<Self, TemplateError> {
        let blob_rest = size_of::<Hash>() + varint::MAX_BYTES;
        if parts.header.len() > MAX_HASHING_BLOB_BYTES - blob_rest {
            return Err(TemplateError::Header);
        }
        let nonce_end = parts.nonce_offset.checked_add(NONCE_BYTES);
        if nonce_end.is_none_or(|end| end > parts.header.len()) {
            return Err(TemplateError::NonceOffset);
        }
        if parts.miner_tx_prefix.len().saturating_add(parts.miner_tx_suffix.len()) > MAX_MINER_TX_BYTES {
            return Err(TemplateError::MinerTx);
        }
        if parts.extra_nonce_bytes > MAX_EXTRA_NONCE_BYTES {
            return Err(TemplateError::ExtraNonce);
        }
        if parts.tx_count.checked_ilog2() != u32::try_from(parts.merkle_branch.len()).ok() {
            return Err(TemplateError::Branch);
        }
        Ok(Self(parts))
    }

    pub const fn nonce_offset(&self) -> usize {
        self.0.nonce_offset
    }

    pub const fn extra_nonce_bytes(&self) -> usize {
        self.0.extra_nonce_bytes
    }

    /// What a session with this extra nonce hashes, with the template's nonce. `None` for an extra nonce of
    /// another length.
    pub fn hashing_blob(&self, extra_nonce: &[u8]) -> Option<Vec<u8>> {
        let root = fold_tree_branch(self.miner_tx_hash(extra_nonce)?, &self.0.merkle_branch);
        let mut blob = Vec::with_capacity(self.0.header.len() + root.len() + varint::MAX_BYTES);
        blob.extend_from_slice(&self.0.header);
        blob.extend_from_slice(&root);
        push_varint(&mut blob, self.0.tx_count.into());
        Some(blob)
    }

    /// [`Self::hashing_blob`] with the nonce of a share, four little-endian bytes.
    pub fn mined_blob(&self, extra_nonce: &[u8], nonce: u32) -> Option<Vec<u8>> {
        let mut blob = self.hashing_blob(extra_nonce)?;
        blob[self.0.nonce_offset..][..NONCE_BYTES].copy_from_slice(&nonce.to_le_bytes());
        Some(blob)
    }

    /// The miner transaction's id. `None` for an extra nonce of another length.
    pub fn miner_tx_hash(&self, extra_nonce: &[u8]) -> Option<Hash> {
        if extra_nonce.len() != self.0.extra_nonce_bytes {
            return None;
        }
        let prefix = [&self.0.miner_tx_prefix, extra_nonce, &self.0.miner_tx_suffix].concat();
        Some(hash_miner_tx(self.0.miner_tx_version, &prefix))
    }
}

/// Parts that fit no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateError {
    Header,
    NonceOffset,
    MinerTx,
    ExtraNonce,
    Branch,
}

impl TemplateError {
    pub const fn code(self) -> &'static str {
        "TEMPLATE_SHAPE"
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => {
                write!(formatter, "a header is short enough for a blob of {MAX_HASHING_BLOB_BYTES} bytes")
            }
            Self::NonceOffset => {
                write!(formatter, "the nonce offset leaves room for {NONCE_BYTES} bytes in the header")
            }
            Self::MinerTx => {
                write!(formatter, "a miner transaction has at most {MAX_MINER_TX_BYTES} bytes")
            }
            Self::ExtraNonce => write!(formatter, "an extra nonce has at most {MAX_EXTRA_NONCE_BYTES} bytes"),
            Self::Branch => formatter.write_str(
                "a merkle branch has one hash for each halving of the number of transactions, of which there is one",
            ),
        }
    }
}

impl core::error::Error for TemplateError {}
