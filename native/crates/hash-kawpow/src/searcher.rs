//! Search over the full dataset: one nonce's random reads are waited for while others are computed.

use core::ops::Range;
use std::sync::Arc;

use otedama_dag::items::prefetch;
use otedama_dag::{Dataset, Item512, KAWPOW, Modulus};
use otedama_hash_api::{Interrupt, MixHit, MixProof};
use otedama_keccak::Engine as Keccak;
use otedama_primitives::{Hash, U256};

use crate::interpreter::Interpreter;
use crate::mix::{Item, L1Cache, Mix, MixDigest};
use crate::program::{ROUNDS, period_of};
use crate::programs::{Programs, Rounds};
use crate::sponge::{Seed, final_hash_of, seed_state, to_bytes};

/// Nonces that are worked on in turns, in two squads.
const GROUP: usize = 2 * SQUAD;
/// Nonces that finish a round before their next items are asked for, all at once. Where an item's page is not
/// in the TLB, the processor stalls on the request until it has walked the page tables; requests that follow
/// each other closely share the wait (2.3 times the hash rate on a virtual machine), and the rounds of the
/// other squad hide the wait for the items themselves.
const SQUAD: usize = 16;

/// One thread's search.
#[derive(Debug)]
pub struct Searcher {
    dataset: Arc<Dataset>,
    programs: Arc<Programs>,
    /// The period searched last, with its program.
    current: Option<(u32, Arc<Rounds>)>,
    bench: Bench,
}

impl Searcher {
    /// Nonces worked on side by side; ranges do best as multiples of it.
    pub const NONCES_AT_ONCE: usize = GROUP;

    pub fn new(dataset: Arc<Dataset>, programs: Arc<Programs>) -> Self {
        assert_eq!(*dataset.epoch().rules(), KAWPOW, "a dataset of KawPow");
        let bench = Bench::new(items_of(&dataset));
        Self { dataset, programs, current: None, bench }
    }

    /// Appends every nonce whose final hash is at or below the target, in ascending order. Gives the number of
    /// nonces from the start that were tried: all of them unless interrupted.
    pub fn search(
        &mut self,
        header_hash: &Hash,
        height: u32,
        target: &U256,
        nonces: Range<u64>,
        interrupt: &Interrupt<'_>,
        hits: &mut Vec<MixHit>,
    ) -> u64 {
        let rounds = self.rounds(period_of(height));
        let job = Job { items: items_of(&self.dataset), rounds: &rounds, header_hash, target, interrupt };
        let tried = self.bench.search(&job, nonces, hits);
        self.programs.prepare(period_of(height) + 1);
        tried
    }

    fn rounds(&mut self, period: u32) -> Arc<Rounds> {
        if let Some((of, rounds)) = &self.current
            && *of == period
        {
            return Arc::clone(rounds);
        }
        let rounds = self.programs.get(period);
        rounds.synchronize();
        self.current = Some((period, Arc::clone(&rounds)));
        rounds
    }
}

/// The dataset as rounds read it; what is left at its end is less than an item and never read.
const fn items_of(dataset: &Dataset) -> &[Item] {
    dataset.items_512().as_chunks().0
}

/// What stays the same during a search.
struct Job<'a> {
    items: &'a [Item],
    rounds: &'a Rounds,
    header_hash: &'a Hash,
    target: &'a U256,
    interrupt: &'a Interrupt<'a>,
}

/// Working memory of a search, and what it keeps of a dataset.
#[derive(Debug)]
struct Bench {
    l1: Box<L1Cache>,
    items: Modulus,
    keccak: Keccak,
    interpreter: Interpreter,
    mixes: Box<[Mix; GROUP]>,
}

impl Bench {
    fn new(items: &[Item]) -> Self {
        let mut l1 = L1Cache::zero();
        let first = l1.items_512();
        first.copy_from_slice(&items.as_flattened()[..first.len()]);
        Self {
            l1,
            items: Modulus::new(items.len() as u32),
            keccak: Keccak::fastest(),
            interpreter: Interpreter::fastest(),
            mixes: Box::new([Mix::ZERO; GROUP]),
        }
    }

    fn search(&mut self, job: &Job<'_>, nonces: Range<u64>, hits: &mut Vec<MixHit>) -> u64 {
        let mut base = nonces.start;
        while base < nonces.end {
            let count = (nonces.end - base).min(GROUP as u64);
            if !self.try_group(job, base, count as usize, hits) {
                break;
            }
            base += count;
        }
        base - nonces.start
    }

    /// Up to `GROUP` nonces; false when interrupted before all were tried.
    fn try_group(&mut self, job: &Job<'_>, base: u64, count: usize, hits: &mut Vec<MixHit>) -> bool {
        let mut states = [[0; 25]; GROUP];
        let states = &mut states[..count];
        for (index, state) in states.iter_mut().enumerate() {
            *state = seed_state(job.header_hash, base + index as u64);
        }
        self.keccak.permute_f800(states);
        let mut seeds = [Seed::default(); GROUP];
        for (seed, state) in seeds.iter_mut().zip(&*states) {
            *seed = Seed::from_state(state);
        }
        let mut digests = [[0; 8]; GROUP];
        if !self.mix(job, &seeds[..count], &mut digests) {
            return false;
        }
        for ((state, seed), digest) in states.iter_mut().zip(&seeds).zip(&digests) {
            *state = seed.final_state(digest);
        }
        self.keccak.permute_f800(states);
        for (index, (state, digest)) in states.iter().zip(&digests).enumerate() {
            // The first word decides nearly always.
            if state[0].swap_bytes() <= job.target.top_u32() {
                let proof = MixProof { mix: to_bytes(digest), hash: final_hash_of(state) };
                if U256::from_be_bytes(proof.hash) <= *job.target {
                    hits.push(MixHit { nonce: base + index as u64, proof });
                }
            }
        }
        true
    }

    /// Mix digests of up to `GROUP` seeds; false when interrupted.
    fn mix(&mut self, job: &Job<'_>, seeds: &[Seed], digests: &mut [MixDigest; GROUP]) -> bool {
        let item_of = |mix: &Mix, round| &job.items[self.items.of(mix.item_selector(round)) as usize];
        let mut next = [&job.items[0]; GROUP];
        for ((mix, seed), next) in self.mixes.iter_mut().zip(seeds).zip(&mut next) {
            self.interpreter.fill(mix, seed.mix_seed());
            *next = item_of(mix, 0);
            prefetch_lines(*next);
        }
        for round in 0..ROUNDS {
            if job.interrupt.is_raised() {
                return false;
            }
            for squad in [0..SQUAD.min(seeds.len()), SQUAD..seeds.len()] {
                for nonce in squad.clone() {
                    // The other squad has asked for the first line of each item, so that its page is known.
                    prefetch_lines(&next[nonce ^ SQUAD][1..]);
                    job.rounds.run(&mut self.mixes[nonce], round, next[nonce], &self.l1);
                }
                if round + 1 < ROUNDS {
                    for nonce in squad {
                        next[nonce] = item_of(&self.mixes[nonce], round + 1);
                        prefetch_lines(&next[nonce][..1]);
                    }
                }
            }
        }
        for (digest, mix) in digests.iter_mut().zip(self.mixes.iter()).take(seeds.len()) {
            *digest = self.interpreter.digest(mix);
        }
        true
    }
}

#[inline(always)]
fn prefetch_lines(lines: &[Item512]) {
    for line in lines {
        prefetch(line);
    }
}

#[cfg(test)]
mod tests;
