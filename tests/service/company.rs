//! The company of these tests: a front desk, IT behind it, HR behind IT. Written here, so that
//! nobody's sample texts matter.

use std::path::Path;

/// Path in the folder → text.
pub type Files = Vec<(&'static str, String)>;

const COMPANY: &str = "
company: Northwind
primary_tenant: front
locale: en-US
timezone: Europe/Berlin
transfer:
  rules:
    - { from: it, to: hr, metadata: [Guest, Data.topic], transcript: guest }
";

const FRONT: &str = r#"
name: Front Desk
ref: FD
pipelines:
  main:
    - id: hello
      send: { text: "Hello {{Guest.GivenName}}, this is {{Tenant.Name}}." }
    - id: topic
      menu:
        text: What is it about?
        save_as: topic
        choices:
          - { title: Computers, next: to-it, synonyms: [laptop, log in] }
          - { title: Travel, next: form }
          - { title: Nothing, next: bye }
    - id: form
      ask:
        text: Tell us about your trip.
        fields:
          - { id: city, label: City }
          - { id: days, label: Days, type: number, min: 1, max: 9 }
          - { id: why, label: Why, private: true, required: false }
      next: to-it
    - id: to-it
      transfer: { tenant: it, text: "IT takes over.", reason: "You chose {{Data.topic}}", note: "handle with care" }
    - id: bye
      end: { text: "Bye, {{Guest.GivenName}}.", outcome: resolved }
"#;

const IT: &str = r#"
name: IT Service Desk
ref: IT
pipelines:
  main:
    - id: device
      ask: { text: "Which device?", save_as: device }
    - id: which
      menu:
        text: "What is wrong with {{Data.device}}?"
        choices:
          - { title: Broken, next: done }
          - { title: Contract, next: to-hr }
    - id: to-hr
      transfer: { tenant: hr, text: "HR takes over.", reason: "It is about your contract" }
    - id: done
      end: { text: "Your {{Data.device}} is mended.", outcome: resolved }
"#;

const HR: &str = r#"
name: People
ref: HR
pipelines:
  main:
    - id: matter
      ask: { text: "What about your contract?", save_as: matter }
    - id: done
      end: { text: "Noted: {{Data.matter}} ({{Session.Turns}})", outcome: resolved }
"#;

/// The whole company.
pub fn northwind() -> Files {
    vec![
        ("company.yaml", COMPANY.to_owned()),
        ("tenants/front/tenant.yaml", FRONT.to_owned()),
        ("tenants/it/tenant.yaml", IT.to_owned()),
        ("tenants/hr/tenant.yaml", HR.to_owned()),
    ]
}

/// The same with more lines in `company.yaml`.
pub fn with_company(lines: &str) -> Files {
    let mut files = northwind();
    files[0].1.push_str(lines);
    files
}

/// Writes a file as a whole: whoever watches the folder never sees half of it.
pub fn write(folder: &Path, path: &str, text: &str) {
    let fresh = tempfile::NamedTempFile::new_in(folder.parent().unwrap()).unwrap();
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(fresh.path(), text).unwrap();
    fresh.persist(path).unwrap();
}
