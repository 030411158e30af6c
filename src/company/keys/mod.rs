//! Every key of the company's files, once: what `switchboard schema` prints and what the page of
//! keys (`deploy/contoso/KEYS.md`) is made of. The reader is held against it, both ways, by the
//! tests below.

mod company;
mod faq;
mod key;
mod page;
mod schema;
mod stages;
mod tenant;
#[cfg(test)]
mod tests;

use serde_json::Value;

use key::Type;

/// A kind of file that has keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// `company.yaml`.
    Company,
    /// `tenants/<id>/tenant.yaml`.
    Tenant,
    /// `tenants/<id>/faq.yaml`, `tenants/<id>/faq/*.yaml`.
    Faq,
}

impl File {
    /// All, as they are printed.
    pub const ALL: [File; 3] = [File::Company, File::Tenant, File::Faq];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            File::Company => "company",
            File::Tenant => "tenant",
            File::Faq => "faq",
        }
    }

    /// Where it stands in a company's folder, for people and editors.
    pub fn paths(self) -> &'static [&'static str] {
        match self {
            File::Company => &["company.yaml"],
            File::Tenant => &["tenants/*/tenant.yaml"],
            File::Faq => &["tenants/*/faq.yaml", "tenants/*/faq/*.yaml"],
        }
    }

    /// Its JSON Schema, draft 2020-12.
    pub fn schema(self) -> Value {
        let (title, description) = match self {
            File::Company => (
                "Switchboard: company.yaml",
                "The company itself, its clocks and its transfer rules.",
            ),
            File::Tenant => (
                "Switchboard: tenant.yaml",
                "A department: what it is called, when it is open, who works there, and what it does.",
            ),
            File::Faq => ("Switchboard: faq.yaml", "What a department answers again and again."),
        };
        schema::document(title, description, &self.root(), self == File::Tenant)
    }

    fn root(self) -> Type {
        match self {
            File::Company => Type::Fields(&company::COMPANY),
            File::Tenant => Type::Fields(&tenant::TENANT),
            File::Faq => Type::List(&Type::Fields(&faq::ARTICLE)),
        }
    }
}

/// The page with every key.
pub fn page() -> String {
    let tables = [
        page::table(&company::COMPANY, ""),
        page::table(&tenant::TENANT, ""),
        page::stages(),
        page::table(&faq::ARTICLE, ""),
    ];
    let [company, tenant, stage, faq] = tables;
    format!(
        "# Every key of the company's files

Made by `BLESS=1 cargo nextest run --test layers` from `src/company/keys/`: do not edit it. [README.md](README.md) tells what the keys are for.
`switchboard schema company`, `tenant` and `faq` print the same as JSON Schema, with which editors complete and check while one writes.

`a.b` is `b` inside of `a`, `a[]` an entry of the list `a`, `<…>` a key of your own. A key that a mapping does not have is a mistake.
A duration is a whole number with `s`, `m`, `h` or `d`; an id is made of small letters, digits and hyphens, a name of letters, digits,
hyphens and underscores.

## company.yaml

{company}
## tenant.yaml

{tenant}
## A stage

A stage has `id`, one kind with its settings, and the exits of that kind. Of `text` and `template` one stands there, of `fields` and
`save_as` too.

{stage}
## faq.yaml

A list of articles, also in `faq/*.yaml`.

{faq}"
    )
}
