//! Hashes from the light cache: what a pool verifies shares with. Nearly all the time goes into the 64 dataset
//! items of a hash, each of which follows from the one before; several shares side by side keep the memory
//! busy meanwhile.

use std::sync::Arc;

use otedama_dag::{Engine, Item512, KAWPOW, LightCache, Modulus};
use otedama_hash_api::MixProof;
use otedama_primitives::Hash;

use crate::interpreter::Interpreter;
use crate::mix::{Item, L1Cache, Mix};
use crate::program::{L1_WORDS, Program, ROUNDS};
use crate::sponge::Seed;

/// Shares worked on in step: enough to keep the memory busy all the time; more would only be told later.
const SHARES_AT_ONCE: usize = 16;
/// Parts of an item that are computed apart.
const PARTS: usize = size_of::<Item>() / size_of::<Item512>();

/// A header and nonce to hash, in the epoch of the context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub header_hash: Hash,
    pub height: u32,
    pub nonce: u64,
}

/// What verification needs of an epoch.
#[derive(Clone, Debug)]
pub struct Context {
    cache: Arc<LightCache>,
    l1: Box<L1Cache>,
    /// Items of 256 bytes in the dataset.
    items: Modulus,
    engine: Engine,
    interpreter: Interpreter,
}

impl Context {
    /// Takes about a millisecond for the L1 cache.
    pub fn new(cache: Arc<LightCache>) -> Self {
        assert_eq!(*cache.epoch().rules(), KAWPOW, "a light cache of KawPow");
        let engine = Engine::fastest();
        let mut l1 = L1Cache::zero();
        let indexes: Vec<u32> = (0..l1.items_512().len() as u32).collect();
        cache.dataset_items_512(&engine, &indexes, l1.items_512());
        let items = Modulus::new(cache.epoch().dataset_items() / 2);
        Self { cache, l1, items, engine, interpreter: Interpreter::fastest() }
    }

    /// The same with plain scalar code.
    pub fn reference(&self) -> Self {
        let engine = Engine::available().pop().expect("the scalar engine runs everywhere");
        Self { engine, interpreter: Interpreter::SCALAR, ..self.clone() }
    }

    pub fn cache(&self) -> &Arc<LightCache> {
        &self.cache
    }

    /// The first 16 KiB of the dataset.
    pub fn l1_words(&self) -> &[u32; L1_WORDS] {
        &self.l1.0
    }

    #[cfg(test)]
    pub fn dataset_modulus(&self) -> Modulus {
        self.items
    }

    /// Item number `indexes[i]` of the dataset, counted in 256 bytes, into `items[i]`.
    pub(crate) fn compute_items(&self, indexes: &[u32], items: &mut [Item]) {
        let mut parts = [0; SHARES_AT_ONCE * PARTS];
        for (parts, index) in parts.as_chunks_mut::<PARTS>().0.iter_mut().zip(indexes) {
            // Below 2^32: the dataset of the last epoch has 2^32 parts.
            *parts = core::array::from_fn(|part| index * PARTS as u32 + part as u32);
        }
        let items = items.as_flattened_mut();
        self.cache.dataset_items_512(&self.engine, &parts[..items.len()], items);
    }
}

pub fn light_hash(context: &Context, header_hash: &Hash, height: u32, nonce: u64) -> MixProof {
    let mut proof = [MixProof::default()];
    light_hash_many(context, &[Share { header_hash: *header_hash, height, nonce }], &mut proof);
    proof[0]
}

/// One proof for each share; much faster than one by one.
pub fn light_hash_many(context: &Context, shares: &[Share], proofs: &mut [MixProof]) {
    assert_eq!(shares.len(), proofs.len(), "one proof for each share");
    // Groups of equal size: a short last one would cost as much time as a full one.
    let groups = shares.len().div_ceil(SHARES_AT_ONCE).max(1);
    let size = shares.len().div_ceil(groups).max(1);
    for (shares, proofs) in shares.chunks(size).zip(proofs.chunks_mut(size)) {
        let fetch = |indexes: &[u32], items: &mut [Item]| context.compute_items(indexes, items);
        hash_together(&context.interpreter, &context.l1, context.items, (shares, proofs), fetch);
    }
}

/// Hashes shares in step, so that all their items of a round are asked for at once.
pub fn hash_together(
    interpreter: &Interpreter,
    l1: &L1Cache,
    dataset: Modulus,
    (shares, proofs): (&[Share], &mut [MixProof]),
    mut fetch: impl FnMut(&[u32], &mut [Item]),
) {
    let count = shares.len();
    let programs: Vec<Program> = shares.iter().map(|share| Program::for_block(share.height)).collect();
    let seeds: Vec<Seed> = shares.iter().map(|share| Seed::new(&share.header_hash, share.nonce)).collect();
    let mut mixes = vec![Mix::ZERO; count];
    for (mix, seed) in mixes.iter_mut().zip(&seeds) {
        interpreter.fill(mix, seed.mix_seed());
    }
    let mut indexes = vec![0; count];
    let mut items = vec![[[0; 16]; PARTS]; count];
    for round in 0..ROUNDS {
        for (index, mix) in indexes.iter_mut().zip(&mixes) {
            *index = dataset.of(mix.item_selector(round));
        }
        fetch(&indexes, &mut items);
        for ((mix, item), program) in mixes.iter_mut().zip(&items).zip(&programs) {
            interpreter.round(program, mix, round, item, l1);
        }
    }
    for ((proof, mix), seed) in proofs.iter_mut().zip(&mixes).zip(&seeds) {
        *proof = seed.proof(&interpreter.digest(mix));
    }
}
