//! Which epoch a block belongs to, how large its light cache and dataset are, and its seed. Plain numbers;
//! nothing is built here.

use otedama_hash_api::HashError;
use otedama_keccak::keccak256;

/// A seed in the byte order of the algorithm.
pub type Seed = [u8; 32];

/// What distinguishes the members of the family. Tests make one of their own whose dataset is small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    pub name: &'static str,
    /// Blocks in an epoch.
    pub epoch_blocks: u32,
    /// Applications of Keccak-256 from one epoch's seed to the next one's.
    pub seed_rounds: u32,
    /// Light-cache items mixed into each 64 bytes of the dataset.
    pub parents: u32,
    /// Limit for the light cache of epoch 0; it grows by 128 KiB with each epoch.
    pub light_bytes_at_start: u32,
    /// Limit for the dataset of epoch 0; it grows by 8 MiB with each epoch.
    pub dataset_bytes_at_start: u32,
}

pub const ETHASH: Rules = Rules {
    name: "ethash",
    epoch_blocks: 30_000,
    seed_rounds: 1,
    parents: 256,
    light_bytes_at_start: 1 << 24,
    dataset_bytes_at_start: 1 << 30,
};

/// ECIP-1099: epochs twice as long, while the seed keeps its pace of one round in 30,000 blocks.
pub const ETCHASH: Rules = Rules { name: "etchash", epoch_blocks: 60_000, seed_rounds: 2, ..ETHASH };

pub const KAWPOW: Rules = Rules { name: "kawpow", epoch_blocks: 7_500, parents: 512, ..ETHASH };

impl Rules {
    /// Rules of a network that changed from Ethash to Etchash at the block `activation` (11,700,000 on
    /// Ethereum Classic, 2,520,000 on Mordor).
    pub const fn of_classic(block: u64, activation: u64) -> Self {
        if block < activation { ETHASH } else { ETCHASH }
    }
}

/// Light caches have items of 64 bytes; datasets are counted in items of 128.
pub const LIGHT_ITEM_BYTES: usize = 64;
pub const DATASET_ITEM_BYTES: usize = 128;

const LIGHT_ITEMS_GROWTH: u32 = (1 << 17) / LIGHT_ITEM_BYTES as u32;
const DATASET_ITEMS_GROWTH: u32 = (1 << 23) / DATASET_ITEM_BYTES as u32;

/// An epoch of one member of the family. Epochs past [`Epoch::LAST`] cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Epoch {
    rules: Rules,
    number: u32,
}

impl Epoch {
    /// The last one for which every implementation's item counts fit 31 bits:
    /// 2^23 + 2^16 * 32,639 = 2^31 - 2^16 items of 128 bytes.
    pub const LAST: u32 = 32_639;

    pub const fn new(rules: Rules, number: u32) -> Result<Self, HashError> {
        Self::checked(rules, number as u64)
    }

    pub const fn of_block(rules: Rules, block: u64) -> Result<Self, HashError> {
        Self::checked(rules, block / rules.epoch_blocks as u64)
    }

    const fn checked(rules: Rules, number: u64) -> Result<Self, HashError> {
        if number > Self::LAST as u64 {
            return Err(HashError::UnknownEpoch { epoch: number, last: Self::LAST as u64 });
        }
        Ok(Self { rules, number: number as u32 })
    }

    /// The epoch with this seed: some protocols name no block. Takes up to some milliseconds for a seed of no
    /// epoch.
    pub fn of_seed(rules: Rules, seed: &Seed) -> Option<Self> {
        let mut current = [0; 32];
        for number in 0..=Self::LAST {
            if current == *seed {
                return Some(Self { rules, number });
            }
            current = advance(current, rules.seed_rounds);
        }
        None
    }

    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    pub const fn number(&self) -> u32 {
        self.number
    }

    /// None after the last.
    pub fn next(&self) -> Option<Self> {
        Self::new(self.rules, self.number + 1).ok()
    }

    pub const fn first_block(&self) -> u64 {
        self.number as u64 * self.rules.epoch_blocks as u64
    }

    pub fn seed(&self) -> Seed {
        advance([0; 32], self.number * self.rules.seed_rounds)
    }

    /// Items of 64 bytes: the largest prime within the limit.
    pub fn light_items(&self) -> u32 {
        let at_start = self.rules.light_bytes_at_start / LIGHT_ITEM_BYTES as u32;
        largest_prime(at_start + LIGHT_ITEMS_GROWTH * self.number)
    }

    /// Items of 128 bytes: the largest prime within the limit.
    pub fn dataset_items(&self) -> u32 {
        let at_start = self.rules.dataset_bytes_at_start / DATASET_ITEM_BYTES as u32;
        largest_prime(at_start + DATASET_ITEMS_GROWTH * self.number)
    }

    pub fn light_bytes(&self) -> u64 {
        u64::from(self.light_items()) * LIGHT_ITEM_BYTES as u64
    }

    pub fn dataset_bytes(&self) -> u64 {
        u64::from(self.dataset_items()) * DATASET_ITEM_BYTES as u64
    }
}

fn advance(mut seed: Seed, rounds: u32) -> Seed {
    for _ in 0..rounds {
        seed = keccak256(&seed);
    }
    seed
}

/// The largest prime that is at most `limit` (at least 3).
fn largest_prime(limit: u32) -> u32 {
    let mut candidate = limit - u32::from(limit.is_multiple_of(2));
    while !is_odd_prime(candidate) {
        candidate -= 2;
    }
    candidate
}

fn is_odd_prime(number: u32) -> bool {
    // The square of the divisor stays below 2^32: the loop ends before 2^16.
    (3..)
        .step_by(2)
        .take_while(|divisor| divisor * divisor <= number)
        .all(|divisor| !number.is_multiple_of(divisor))
}
