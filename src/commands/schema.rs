//! `switchboard schema`: the keys of the company's files as JSON Schema, for editors.

use std::process::ExitCode;

use clap::ValueEnum;
use switchboard::company::keys::File;

/// A kind of file, as it is named on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Which {
    /// company.yaml
    Company,
    /// tenants/<id>/tenant.yaml
    Tenant,
    /// tenants/<id>/faq.yaml and tenants/<id>/faq/*.yaml
    Faq,
}

/// Prints one of the schemas; without a name all of them, by name.
pub(crate) fn schema(which: Option<Which>) -> anyhow::Result<ExitCode> {
    let schema = match which {
        Some(Which::Company) => File::Company.schema(),
        Some(Which::Tenant) => File::Tenant.schema(),
        Some(Which::Faq) => File::Faq.schema(),
        None => File::ALL
            .into_iter()
            .map(|file| (file.name().to_owned(), file.schema()))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    };
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(ExitCode::SUCCESS)
}
