//! The share batch, version 1, little-endian: a header of 64 bytes, records of 192 bytes, the account table.
//! Only what judging needs is named here; the rest passes through untouched.

use core::fmt;

use otedama_primitives::{Hash, U256};

pub const MAGIC: u32 = 0x3142_534f;
pub const VERSION: u16 = 1;
pub const HEADER_BYTES: usize = 64;
pub const RECORD_BYTES: usize = 192;
/// extranonce1 and extranonce2 together, or a Monero session's extra nonce.
pub const MAX_EXTRANONCE: usize = 32;

const RECORD_COUNT: usize = 6;
const TABLE_OFFSET: usize = 32;
const TABLE_LENGTH: usize = 36;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// Meets the share target.
    Accepted = 1,
    /// Meets the share target and the network target.
    Candidate = 2,
    /// Meets the network target only, which is the easier one on some test networks.
    CandidateOnly = 3,
    LowDifficulty = 4,
    UnknownJob = 5,
    Malformed = 6,
}

impl Verdict {
    pub const fn is_candidate(self) -> bool {
        matches!(self, Self::Candidate | Self::CandidateOnly)
    }

    /// Accepted for the miner: it reached its target, or it is a block.
    pub const fn is_accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::Candidate | Self::CandidateOnly)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchError {
    TooShort,
    Magic,
    Version,
    Length,
    Table,
}

impl BatchError {
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "BATCH_TOO_SHORT",
            Self::Magic => "BATCH_MAGIC",
            Self::Version => "BATCH_VERSION",
            Self::Length => "BATCH_LENGTH",
            Self::Table => "BATCH_TABLE",
        }
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TooShort => "the buffer is shorter than a batch header",
            Self::Magic => "the buffer does not start with the mark of a share batch",
            Self::Version => "the batch has an unknown version",
            Self::Length => "the batch's record count and account table do not match its length",
            Self::Table => "the batch's account table is cut off",
        })
    }
}

impl std::error::Error for BatchError {}

/// One share.
pub type Record = [u8; RECORD_BYTES];

/// The records of a batch whose header and lengths hold.
pub fn records_mut(batch: &mut [u8]) -> Result<&mut [Record], BatchError> {
    let record_bytes = record_bytes(batch)?;
    let records = &mut batch[HEADER_BYTES..HEADER_BYTES + record_bytes];
    Ok(records.as_chunks_mut::<RECORD_BYTES>().0)
}

/// The records, and the account table behind them.
pub fn records(batch: &[u8]) -> Result<(&[Record], &[u8]), BatchError> {
    let (records, table) = batch[HEADER_BYTES.min(batch.len())..].split_at(record_bytes(batch)?);
    Ok((records.as_chunks::<RECORD_BYTES>().0, table))
}

/// Bytes of all records, which the batch is long enough for.
fn record_bytes(batch: &[u8]) -> Result<usize, BatchError> {
    let (header, body) = batch.split_first_chunk::<HEADER_BYTES>().ok_or(BatchError::TooShort)?;
    if read_u32(header, 0) != MAGIC {
        return Err(BatchError::Magic);
    }
    if read_u16(header, 4) != VERSION {
        return Err(BatchError::Version);
    }
    let record_bytes = usize::from(read_u16(header, RECORD_COUNT)) * RECORD_BYTES;
    // 64-bit sums: both numbers come from the peer and 32 bits could wrap.
    let table_offset = u64::from(read_u32(header, TABLE_OFFSET));
    let table_end = table_offset + u64::from(read_u32(header, TABLE_LENGTH));
    let total = (HEADER_BYTES + body.len()) as u64;
    if table_offset != (HEADER_BYTES + record_bytes) as u64 || table_end != total {
        return Err(BatchError::Length);
    }
    if record_bytes > body.len() {
        return Err(BatchError::Length);
    }
    Ok(record_bytes)
}

/// What a share claims.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    pub job_key: u32,
    /// `None` when the record's length byte is out of range.
    pub extranonce: Option<&'a [u8]>,
    pub time: u32,
    pub nonce: u32,
    pub version: u32,
    pub share_target: U256,
    /// Of the Seal family, where the protocol has the miner tell it.
    pub mix: Option<Hash>,
}

impl<'a> Claim<'a> {
    pub fn read(record: &'a Record) -> Self {
        let length = usize::from(record[6]);
        Self {
            job_key: read_u32(record, 0),
            extranonce: (length <= MAX_EXTRANONCE).then(|| &record[32..32 + length]),
            time: read_u32(record, 8),
            nonce: read_u32(record, 12),
            version: read_u32(record, 16),
            share_target: U256::from_le_bytes(record[64..].first_chunk().expect("a record has 192 bytes")),
            mix: Some(*record[BLOCK_HASH..].first_chunk().expect("a record has 192 bytes"))
                .filter(|mix| *mix != [0; 32]),
        }
    }

    /// The nonce of the Seal family, which has no version: it takes the version's place too.
    pub const fn nonce_64(&self) -> u64 {
        (self.version as u64) << 32 | self.nonce as u64
    }
}

const VERDICT: usize = 7;
const POW_HASH: usize = 128;
const BLOCK_HASH: usize = 160;

/// What judging has found out about a share; hashes that were not computed are zero.
#[derive(Clone, Copy, Debug)]
pub struct Judgement {
    pub verdict: Verdict,
    pub pow_hash: Hash,
    /// The mix, for the Seal family; for the Blob family of candidates only.
    pub block_hash: Hash,
}

impl Judgement {
    pub const fn without_hashes(verdict: Verdict) -> Self {
        Self { verdict, pow_hash: [0; 32], block_hash: [0; 32] }
    }

    pub fn write(&self, record: &mut Record) {
        record[VERDICT] = self.verdict as u8;
        record[POW_HASH..POW_HASH + 32].copy_from_slice(&self.pow_hash);
        record[BLOCK_HASH..BLOCK_HASH + 32].copy_from_slice(&self.block_hash);
    }
}

/// Copies everything judging writes from one batch to another of the same shape.
pub fn copy_judgements(from: &[Record], to: &mut [Record]) {
    for (from, to) in from.iter().zip(to) {
        to[VERDICT] = from[VERDICT];
        to[POW_HASH..].copy_from_slice(&from[POW_HASH..]);
    }
}

fn read_u16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
