//! Jobs of any shape for any algorithm: refused exactly where the documented limits say so.

use otedama_hash_api::{Algorithm, Family};
use otedama_primitives::U256;
use otedama_sha256::Engine;
use otedama_verify::{
    BlobDescription, CoinbaseDescription, Job, JobDescription, JobError, JobKind, SealDescription,
};

use crate::input::Input;
use crate::template;

const MAX_BRANCH: usize = 32;
/// Epoch 32,639 is the last; its blocks are 30,000 for Ethash, 60,000 for Etchash and 7,500 for KawPow.
const EPOCHS: u64 = 32_640;

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let algorithm = Algorithm::ALL[usize::from(input.byte()) % Algorithm::ALL.len()];
    let (kind, expected) = match input.byte() % 3 {
        0 => coinbase(algorithm, &mut input),
        1 => seal(algorithm, &mut input),
        _ => blob(algorithm, &mut input),
    };
    let description = JobDescription { network_target: U256::from_le_bytes(&input.array()), kind };
    let job = Job::new(description, algorithm, &Engine::fastest());
    assert_eq!(job.err(), expected, "{algorithm:?}");
}

fn coinbase(algorithm: Algorithm, input: &mut Input<'_>) -> (JobKind, Option<JobError>) {
    let branch = usize::from(input.byte() % 40);
    let description = CoinbaseDescription {
        merkle_branch: (0..branch).map(|_| input.array()).collect(),
        prev_hash: input.array(),
        bits: input.u32(),
        coinbase_prefix: {
            let length = usize::from(input.u16());
            input.bytes(length).to_vec()
        },
        coinbase_suffix: {
            let length = usize::from(input.u16());
            input.bytes(length).to_vec()
        },
    };
    let error = if algorithm.family() != Family::Header {
        Some(JobError::Family)
    } else {
        (branch > MAX_BRANCH).then_some(JobError::BranchTooLong)
    };
    (JobKind::Coinbase(description), error)
}

fn seal(algorithm: Algorithm, input: &mut Input<'_>) -> (JobKind, Option<JobError>) {
    let description = SealDescription { header_hash: input.array(), block_number: input.u32() };
    let epoch_blocks = match algorithm {
        Algorithm::Ethash => Some(30_000),
        Algorithm::Etchash => Some(60_000),
        Algorithm::KawPow => Some(7_500),
        _ => None,
    };
    let error = match epoch_blocks {
        None => Some(JobError::Family),
        Some(blocks) => {
            (u64::from(description.block_number) / blocks >= EPOCHS).then_some(JobError::UnknownEpoch)
        }
    };
    (JobKind::Seal(description), error)
}

fn blob(algorithm: Algorithm, input: &mut Input<'_>) -> (JobKind, Option<JobError>) {
    let (template, error) = template::parts(input);
    let error = if algorithm.family() != Family::Blob {
        Some(JobError::Family)
    } else {
        error.map(JobError::Template)
    };
    (JobKind::Blob(BlobDescription { template, seed: input.array() }), error)
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for algorithm in 0..Algorithm::ALL.len() as u8 {
        for kind in 0..3 {
            let mut seed = vec![algorithm, kind, 12, 0, 0];
            seed.resize(500, 7);
            seeds.push(seed);
        }
        seeds.extend(template::seeds().into_iter().map(|seed| [&[algorithm, 2], &seed[..]].concat()));
        seeds.push([&[algorithm, 1][..], &[0; 32], &u32::MAX.to_le_bytes()].concat());
    }
    seeds
}
