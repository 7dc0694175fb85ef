use otedama_verify::layout::{HEADER_BYTES, MAGIC, RECORD_BYTES, VERSION};

/// A share as a gateway would put it into a batch.
#[derive(Clone)]
pub struct Share {
    pub job_key: u32,
    pub extranonce: Vec<u8>,
    pub time: u32,
    pub nonce: u32,
    pub version: u32,
    pub target: [u8; 32],
}

/// A batch with some account table.
pub fn batch(shares: &[Share]) -> Vec<u8> {
    let table = [9u8; 11];
    let records_end = HEADER_BYTES + shares.len() * RECORD_BYTES;
    let mut bytes = vec![0u8; records_end];
    bytes[..4].copy_from_slice(&MAGIC.to_le_bytes());
    bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
    bytes[6..8].copy_from_slice(&(shares.len() as u16).to_le_bytes());
    bytes[32..36].copy_from_slice(&(records_end as u32).to_le_bytes());
    bytes[36..40].copy_from_slice(&(table.len() as u32).to_le_bytes());
    for (share, record) in shares.iter().zip(bytes[HEADER_BYTES..].as_chunks_mut::<RECORD_BYTES>().0) {
        record[..4].copy_from_slice(&share.job_key.to_le_bytes());
        record[6] = share.extranonce.len() as u8;
        record[8..12].copy_from_slice(&share.time.to_le_bytes());
        record[12..16].copy_from_slice(&share.nonce.to_le_bytes());
        record[16..20].copy_from_slice(&share.version.to_le_bytes());
        record[20..28].copy_from_slice(&[0xee; 8]);
        let stored = &share.extranonce[..share.extranonce.len().min(32)];
        record[32..32 + stored.len()].copy_from_slice(stored);
        record[64..96].copy_from_slice(&share.target);
        record[96..128].copy_from_slice(&[0xdd; 32]);
    }
    bytes.extend_from_slice(&table);
    bytes
}

pub struct Judged<'a> {
    pub verdict: u8,
    pub pow_hash: &'a [u8],
    pub block_hash: &'a [u8],
}

pub fn judged(batch: &[u8], index: usize) -> Judged<'_> {
    let record = &batch[HEADER_BYTES + index * RECORD_BYTES..][..RECORD_BYTES];
    Judged { verdict: record[7], pow_hash: &record[128..160], block_hash: &record[160..] }
}
