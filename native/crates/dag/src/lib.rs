//! Light caches and datasets of the Ethash family: Ethash, Etchash and KawPow.
//!
//! A light cache of some tens of megabytes gives any item of the dataset at the cost of 256 or 512 dependent
//! random reads: what a pool verifies with. The dataset, gigabytes of such items, is what a miner reads.

// SIMD kernels: each block carries its proof.
#![allow(unsafe_code)]

mod dataset;
mod engine;
mod epoch;
mod file;
pub mod items;
mod light;
pub mod reference;
mod store;
mod work;

pub use dataset::Dataset;
pub use engine::Engine;
pub use epoch::{DATASET_ITEM_BYTES, ETCHASH, ETHASH, Epoch, KAWPOW, LIGHT_ITEM_BYTES, Rules, Seed};
pub use items::{Item512, Modulus};
pub use light::LightCache;
pub use store::{DatasetStore, Opened, Source};
