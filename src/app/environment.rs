//! The variables of the process: the one place that looks at them while the service runs.

use std::sync::Arc;

use crate::{
    calls::{
        Environment,
        secret::{REMEDY, Secret},
    },
    company::Company,
    source::Problem,
};

/// The process's own variables. One that is not UTF-8 is none.
pub fn environment() -> Environment {
    Arc::new(|name| std::env::var(name).ok())
}

/// What is wrong with the secrets that a company's files name: one that is there and cannot be
/// used is a mistake. One that is missing is none: the files may be checked elsewhere.
pub fn judge(company: &Company, environment: &Environment) -> Vec<Problem> {
    let held = |name: &str| environment(name).filter(|held| !held.trim().is_empty());
    let endpoints = company.events.iter().map(|endpoint| &endpoint.secret);
    endpoints
        .filter_map(|secret| {
            let why = Secret::read(&held(&secret.value)?).err()?;
            Some(Problem {
                warning: false,
                place: secret.place.clone(),
                message: format!(
                    "what the environment variable {} holds {why}: no receiver could verify what is signed with it",
                    secret.value
                ),
                help: REMEDY.to_owned(),
            })
        })
        .collect()
}
