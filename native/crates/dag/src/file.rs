//! How a dataset lies on disk: a page that says what it is, the items, and a checksum for each 16 MiB of them.
//!
//! Checksums guard against damage (a torn write, a bad disk, another program), not against someone who may
//! write into the directory: that one can as well write a sound file with wrong items.

use otedama_keccak::keccak256;

use crate::epoch::Epoch;
use crate::items::{Item512, ItemVector, as_bytes};

/// The first page; items follow it, so that they stay aligned to pages.
pub const HEADER_BYTES: usize = 4096;

/// Items of 64 bytes in a chunk.
pub const CHUNK_ITEMS: usize = (16 << 20) / size_of::<Item512>();

/// Names the format and its version. It is written in the processor's byte order, as the items are: a file from
/// a machine of the other order does not begin with it.
const MAGIC: u64 = u64::from_le_bytes(*b"OTEDAG\x01\0");

/// Magic, seed, light items, dataset items, parents, chunk items: what determines every byte of the file.
const IDENTITY_BYTES: usize = 8 + 32 + 4 * 4;
const DIGEST_BYTES: usize = 32;

/// The file of one epoch's dataset.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    identity: [u8; IDENTITY_BYTES],
    /// Items of 64 bytes.
    pub items: usize,
}

/// What is wrong with a file, in words.
pub type Problem = String;

impl Layout {
    pub fn of(epoch: Epoch) -> Self {
        let mut identity = [0; IDENTITY_BYTES];
        let (magic, rest) = identity.split_at_mut(8);
        let (seed, numbers) = rest.split_at_mut(32);
        magic.copy_from_slice(&MAGIC.to_ne_bytes());
        seed.copy_from_slice(&epoch.seed());
        let values = [epoch.light_items(), epoch.dataset_items(), epoch.rules().parents, CHUNK_ITEMS as u32];
        for (bytes, value) in numbers.as_chunks_mut().0.iter_mut().zip(values) {
            *bytes = value.to_le_bytes();
        }
        Self { identity, items: 2 * epoch.dataset_items() as usize }
    }

    pub const fn chunks(&self) -> usize {
        self.items.div_ceil(CHUNK_ITEMS)
    }

    pub const fn chunk_offset(&self, chunk: usize) -> u64 {
        item_offset(chunk * CHUNK_ITEMS)
    }

    /// Items in a chunk: the last one is shorter.
    pub const fn chunk_items(&self, chunk: usize) -> usize {
        let left = self.items - chunk * CHUNK_ITEMS;
        if left < CHUNK_ITEMS { left } else { CHUNK_ITEMS }
    }

    pub const fn checksums_offset(&self) -> u64 {
        item_offset(self.items)
    }

    pub const fn file_bytes(&self) -> u64 {
        item_offset(self.items + self.chunks())
    }

    /// The first page, which makes the file valid and is therefore written last.
    pub fn header(&self, checksums: &[Item512]) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        header[..IDENTITY_BYTES].copy_from_slice(&self.identity);
        header[IDENTITY_BYTES..][..DIGEST_BYTES].copy_from_slice(&self.digest(checksums));
        header
    }

    /// Compares the first page with what it has to be.
    pub fn check_header(&self, header: &[u8; HEADER_BYTES], checksums: &[Item512]) -> Result<(), Problem> {
        let (identity, rest) = header.split_at(IDENTITY_BYTES);
        if identity[..8] != self.identity[..8] {
            return Err("this is no dataset of this version and byte order".to_owned());
        }
        if identity != self.identity {
            return Err("this is the dataset of another epoch".to_owned());
        }
        if rest[..DIGEST_BYTES] != self.digest(checksums) {
            return Err("its header or its table of checksums is damaged".to_owned());
        }
        Ok(())
    }

    fn digest(&self, checksums: &[Item512]) -> [u8; DIGEST_BYTES] {
        let mut message = self.identity.to_vec();
        message.extend_from_slice(as_bytes(checksums));
        keccak256(&message)
    }
}

const fn item_offset(item: usize) -> u64 {
    HEADER_BYTES as u64 + item as u64 * size_of::<Item512>() as u64
}

/// FNV-1 down each of the sixteen columns of words. A change within one item always changes it; others, or
/// items in another order, escape with odds of 1 in 2^32 for each column that differs.
pub struct Checksum(Item512);

impl Default for Checksum {
    fn default() -> Self {
        Self(core::array::from_fn(|column| column as u32 + 1))
    }
}

impl Checksum {
    pub fn add(&mut self, items: &[Item512]) {
        // SAFETY: the implementation for plain words needs no instruction set. It is as fast as memory.
        self.0 = items.iter().fold(self.0, |sum, item| unsafe { sum.fnv1(*item) });
    }

    pub const fn value(&self) -> Item512 {
        self.0
    }
}
