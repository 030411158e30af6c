//! Secrets that stand in files of their own, as systemd, Docker and Kubernetes hand them over:
//! `NAME_FILE` names one, and `$CREDENTIALS_DIRECTORY` is the folder in which systemd puts those
//! that a unit loads.

use std::{collections::BTreeMap, path::Path};

/// The secrets, each with the setting that names its file.
pub(super) const FILES: [(&str, &str); 3] = [
    ("MicrosoftAppPassword", "MicrosoftAppPassword_FILE"),
    ("CLIENT_SECRET", "CLIENT_SECRET_FILE"),
    ("SWITCHBOARD_ADMIN_TOKEN", "SWITCHBOARD_ADMIN_TOKEN_FILE"),
];

/// Reads the files. Blocking: called once, at start.
pub(super) fn read(
    values: &mut BTreeMap<String, String>,
    folder: Option<&Path>,
    mistakes: &mut Vec<String>,
) {
    for (name, file) in FILES {
        let text = match (values.get(file), values.contains_key(name)) {
            (Some(_), true) => {
                mistakes.push(format!("{name} and {file} are both set: keep one of them"));
                continue;
            }
            (Some(path), false) => content(file, Path::new(path)),
            // What is said by name goes before what happens to lie there.
            (None, false) => match folder.map(|folder| folder.join(name)) {
                Some(path) if path.exists() => content("CREDENTIALS_DIRECTORY", &path),
                _ => continue,
            },
            (None, true) => continue,
        };
        match text {
            Ok(text) => drop(values.insert(name.to_owned(), text)),
            Err(mistake) => mistakes.push(mistake),
        }
    }
}

/// A secret is one line; what ends it is no part of it.
fn content(setting: &str, path: &Path) -> Result<String, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        format!("{setting}: {shown} cannot be read: {error}; whoever runs the bot must be able to")
    })?;
    match text.trim() {
        "" => {
            Err(format!("{setting}: {shown} is empty: write the secret into it, and nothing else"))
        }
        text if text.lines().count() > 1 => Err(format!(
            "{setting}: {shown} has more than one line: write the secret into it, and nothing else"
        )),
        text => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read_from(
        values: &[(&str, &str)],
        folder: Option<&Path>,
    ) -> (BTreeMap<String, String>, Vec<String>) {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let (mut values, mut mistakes) = (values.iter().map(own).collect(), Vec::new());
        read(&mut values, folder, &mut mistakes);
        (values, mistakes)
    }

    #[test]
    fn a_secret_stands_in_the_file_that_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let named = path.display().to_string();
        fs::write(&path, "hush~hush\r\n").unwrap();
        for (name, file) in FILES {
            let (values, mistakes) = read_from(&[(file, &named)], None);
            assert_eq!((values[name].as_str(), mistakes), ("hush~hush", vec![]));
        }
        let both = [("CLIENT_SECRET", "other"), ("CLIENT_SECRET_FILE", named.as_str())];
        assert!(read_from(&both, None).1[0].contains("keep one"));
        for text in ["", " \n", "one\ntwo\n"] {
            fs::write(&path, text).unwrap();
            let (values, mistakes) = read_from(&[("CLIENT_SECRET_FILE", &named)], None);
            assert!(mistakes[0].contains(&named) && !mistakes[0].contains("two"), "{mistakes:?}");
            assert!(!values.contains_key("CLIENT_SECRET"));
        }
        fs::remove_file(&path).unwrap();
        assert!(read_from(&[("CLIENT_SECRET_FILE", &named)], None).1[0].contains("cannot be read"));
    }

    #[test]
    fn systemd_hands_secrets_over_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("MicrosoftAppPassword"), "hush\n").unwrap();
        fs::write(folder.path().join("MicrosoftAppId"), "no secret\n").unwrap();
        let (values, mistakes) = read_from(&[], Some(folder.path()));
        assert_eq!((values["MicrosoftAppPassword"].as_str(), values.len()), ("hush", 1));
        assert!(mistakes.is_empty());
        let said = [("MicrosoftAppPassword", "said")];
        assert_eq!(read_from(&said, Some(folder.path())).0["MicrosoftAppPassword"], "said");
    }
}
