//! The root of a batch's shares for the receipts that miners get (`libs/receipts`, `docs/receipts.md`): leaves and
//! nodes as in RFC 6962, so that a leaf cannot be taken for a node.

use std::collections::BTreeMap;

use otedama_sha256::{Block, Engine, INITIAL_STATE, closing_block, state_to_bytes};

use crate::layout::{self, BatchError};

type Digest = [u8; 32];

const LEAF_PREFIX: u8 = 0;
const NODE_PREFIX: u8 = 1;
const SHARE_TAG: &[u8] = b"otedama-share-1";
const BATCH_ID: core::ops::Range<usize> = 16..32;
const ACCOUNT_INDEX: usize = 4;
/// Of a share whose account the table lacks, which no gateway writes: a share must not stop the books.
const NO_ACCOUNT: &[u8] = &[0, 0];
/// Rejects of an account, ahead of its names in the table.
const ENTRY_HEAD_BYTES: usize = 4;
/// Lanes of the widest engine.
const MAX_LANES: usize = 16;

/// Messages of equally many blocks, padded, one after the other: as many are hashed at once as the engine has lanes.
struct Messages {
    blocks_each: usize,
    blocks: Vec<Block>,
}

impl Messages {
    /// Of messages with so many bytes.
    const fn blocks_of(bytes: usize) -> usize {
        (bytes + 9).div_ceil(64)
    }

    fn push(&mut self, message: &[u8]) {
        let (blocks, tail) = message.as_chunks::<64>();
        self.blocks.extend_from_slice(blocks);
        let total = message.len() as u64;
        if tail.len() < 56 {
            self.blocks.push(closing_block(tail, total));
        } else {
            let mut full = [0u8; 64];
            full[..tail.len()].copy_from_slice(tail);
            full[tail.len()] = 0x80;
            let mut last = [0u8; 64];
            last[56..].copy_from_slice(&(8 * total).to_be_bytes());
            self.blocks.extend_from_slice(&[full, last]);
        }
    }

    fn digests(&self, engine: Engine) -> impl Iterator<Item = Digest> {
        let each = self.blocks_each;
        self.blocks.chunks(MAX_LANES * each).flat_map(move |messages| {
            let count = messages.len() / each;
            let mut states = [INITIAL_STATE; MAX_LANES];
            let mut blocks = [[0u8; 64]; MAX_LANES];
            for at in 0..each {
                for (block, message) in blocks.iter_mut().zip(messages.chunks(each)) {
                    *block = message[at];
                }
                engine.compress_many(&mut states[..count], &blocks[..count]);
            }
            states.into_iter().take(count).map(|state| state_to_bytes(&state))
        })
    }
}

/// Names of each account as they lie in the table: u8 length, address, u8 length, worker.
fn accounts(table: &[u8]) -> Result<Vec<&[u8]>, BatchError> {
    let mut entries = Vec::new();
    let mut rest = table;
    while !rest.is_empty() {
        let names = rest.get(ENTRY_HEAD_BYTES..).ok_or(BatchError::Table)?;
        let worker_at = 1 + usize::from(*names.first().ok_or(BatchError::Table)?);
        let end = worker_at + 1 + usize::from(*names.get(worker_at).ok_or(BatchError::Table)?);
        entries.push(names.get(..end).ok_or(BatchError::Table)?);
        rest = &names[end..];
    }
    Ok(entries)
}

/// Every share of the batch is a leaf. `None` for a batch without shares.
pub fn receipt_root(engine: Engine, batch: &[u8]) -> Result<Option<Digest>, BatchError> {
    let (records, table) = layout::records(batch)?;
    let accounts = accounts(table)?;
    // By number of blocks, which the lengths of names decide; with each message the place of its leaf.
    let mut queues: BTreeMap<usize, (Messages, Vec<usize>)> = BTreeMap::new();
    let mut leaf = Vec::new();
    for (index, record) in (0u16..).zip(records) {
        let account = u16::from_le_bytes([record[ACCOUNT_INDEX], record[ACCOUNT_INDEX + 1]]);
        let names = accounts.get(usize::from(account)).copied().unwrap_or(NO_ACCOUNT);
        leaf.clear();
        for part in [&[LEAF_PREFIX], SHARE_TAG, &batch[BATCH_ID], &index.to_le_bytes(), record, names] {
            leaf.extend_from_slice(part);
        }
        let blocks_each = Messages::blocks_of(leaf.len());
        let empty = || (Messages { blocks_each, blocks: Vec::new() }, Vec::new());
        let (messages, places) = queues.entry(blocks_each).or_insert_with(empty);
        messages.push(&leaf);
        places.push(usize::from(index));
    }
    let mut level = vec![[0; 32]; records.len()];
    for (messages, places) in queues.values() {
        for (place, digest) in places.iter().zip(messages.digests(engine)) {
            level[*place] = digest;
        }
    }
    Ok(root(engine, level))
}

/// Level by level, pairs from the left, an odd last one as it is.
fn root(engine: Engine, mut level: Vec<Digest>) -> Option<Digest> {
    let mut node = [NODE_PREFIX; 65];
    while level.len() > 1 {
        let (pairs, last) = level.as_chunks::<2>();
        let mut nodes = Messages { blocks_each: Messages::blocks_of(node.len()), blocks: Vec::new() };
        for [left, right] in pairs {
            node[1..33].copy_from_slice(left);
            node[33..].copy_from_slice(right);
            nodes.push(&node);
        }
        level = nodes.digests(engine).chain(last.iter().copied()).collect();
    }
    level.first().copied()
}

#[cfg(test)]
mod tests {
    use otedama_sha256::{Engine, reference};

    use super::receipt_root;
    use crate::layout::BatchError;

    /// A batch of `shares` shares of two accounts, each byte of a record another one.
    fn batch(shares: u16) -> Vec<u8> {
        let table = b"\0\0\0\0\x05alice\x03rig\x07\0\0\0\x03bob\0";
        let mut bytes = vec![0u8; 64];
        bytes[..4].copy_from_slice(b"OSB1");
        bytes[4] = 1;
        bytes[6..8].copy_from_slice(&shares.to_le_bytes());
        bytes[16..32].copy_from_slice(b"a batch, its id.");
        let table_at = 64 + 192 * u32::from(shares);
        bytes[32..36].copy_from_slice(&table_at.to_le_bytes());
        bytes[36..40].copy_from_slice(&(table.len() as u32).to_le_bytes());
        for share in 0..shares {
            let mut record: Vec<u8> = (0..192).map(|at| (at as u8).wrapping_add(share as u8)).collect();
            record[4..6].copy_from_slice(&(share % 2).to_le_bytes());
            bytes.extend(record);
        }
        bytes.extend(table);
        bytes
    }

    /// The same by the definition of RFC 6962: a tree splits at the largest power of two below its size.
    fn by_the_book(leaves: &[[u8; 32]]) -> [u8; 32] {
        if let [leaf] = leaves {
            return *leaf;
        }
        let split = 1 << (leaves.len() - 1).ilog2();
        let (left, right) = leaves.split_at(split);
        reference::sha256(&[&[1][..], &by_the_book(left), &by_the_book(right)].concat())
    }

    #[test]
    fn is_the_root_over_leaves_that_name_batch_place_and_owner() {
        for shares in 1..=70 {
            let bytes = batch(shares);
            let leaves: Vec<_> = (0..shares)
                .map(|index| {
                    let at = 64 + 192 * usize::from(index);
                    let names: &[u8] = if index % 2 == 0 { b"\x05alice\x03rig" } else { b"\x03bob\0" };
                    let place = index.to_le_bytes();
                    let record = &bytes[at..at + 192];
                    reference::sha256(
                        &[&[0][..], b"otedama-share-1", b"a batch, its id.", &place, record, names].concat(),
                    )
                })
                .collect();
            for engine in Engine::available() {
                assert_eq!(receipt_root(engine, &bytes), Ok(Some(by_the_book(&leaves))), "{engine:?}");
            }
        }
    }

    #[test]
    fn refuses_a_table_that_is_cut_off() {
        assert_eq!(receipt_root(Engine::fastest(), &batch(0)), Ok(None));
        let mut cut = batch(2);
        cut.pop();
        let length = u32::from_le_bytes(cut[36..40].try_into().expect("four bytes")) - 1;
        cut[36..40].copy_from_slice(&length.to_le_bytes());
        assert_eq!(receipt_root(Engine::fastest(), &cut), Err(BatchError::Table));
    }
}
