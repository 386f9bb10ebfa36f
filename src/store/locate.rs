//! Which workspace: the contract's order.

use std::path::{Path, PathBuf};

use super::person;
use super::report::whole_file;
use crate::domain::workspace::Origin;
use crate::domain::{Problem, Severity};

/// Where the workspace is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Where it is read from, or that there is none.
    pub origin: Origin,
    /// What was wrong on the way (the person's file names a folder that is gone).
    pub problems: Vec<Problem>,
}

/// A workspace that was asked for by name and is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {mend}")]
pub struct LocateError {
    /// What happened.
    pub what: String,
    /// What to do.
    pub mend: String,
}

/// What the search looks at.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `-w DIR`
    pub explicit: Option<PathBuf>,
    /// `TMINUS_WORKSPACE`
    pub variable: Option<PathBuf>,
    /// Where we are.
    pub here: Option<PathBuf>,
    /// The person's own file: its path, and the workspace it names.
    pub person: Option<(PathBuf, PathBuf)>,
}

/// Finds the workspace: `-w`, `TMINUS_WORKSPACE`, the nearest `tminus.toml` upward, the person's
/// file, the git repository we are in, or none.
pub fn locate(explicit: Option<&Path>) -> Result<Located, LocateError> {
    let (person, _) = person::load();
    let file = person::config_file();
    search(&Surroundings {
        explicit: explicit.map(Path::to_owned),
        variable: std::env::var_os("TMINUS_WORKSPACE").filter(|value| !value.is_empty()).map(PathBuf::from),
        here: std::env::current_dir().ok(),
        person: file.zip(person.workspace),
    })
}

/// The search itself.
pub fn search(surroundings: &Surroundings) -> Result<Located, LocateError> {
    let found = |origin| Ok(Located { origin, problems: Vec::new() });
    if let Some(folder) = &surroundings.explicit {
        return found(named(folder, "-w")?);
    }
    if let Some(folder) = &surroundings.variable {
        return found(named(folder, "TMINUS_WORKSPACE")?);
    }
    let upward = |name: &str| {
        let here = surroundings.here.as_deref()?;
        here.ancestors().find(|folder| folder.join(name).exists()).map(Path::to_owned)
    };
    if let Some(folder) = upward("tminus.toml") {
        return found(Origin::Files(folder));
    }
    let mut problems = Vec::new();
    if let Some((file, folder)) = &surroundings.person {
        let folder =
            file.parent().map_or_else(|| folder.clone(), |parent| parent.join(person::expand(folder)));
        if folder.join("tminus.toml").exists() {
            return found(Origin::Files(folder));
        }
        let message = format!("`workspace` names {}, where no tminus.toml is: change it", folder.display());
        problems.push(whole_file(Severity::Notice, file, &message));
    }
    let origin = upward(".git").map_or(Origin::Nowhere, Origin::Git);
    Ok(Located { origin, problems })
}

fn named(folder: &Path, by: &str) -> Result<Origin, LocateError> {
    let shown = crate::domain::Safe::new(folder.to_string_lossy());
    let error = |what: String, mend: &str| LocateError { what, mend: mend.to_owned() };
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    if absolute.join("tminus.toml").exists() {
        return Ok(Origin::Files(absolute));
    }
    if absolute.is_file() && absolute.file_name().is_some_and(|name| name == "tminus.toml") {
        return Ok(Origin::Files(absolute.parent().unwrap_or(&absolute).to_owned()));
    }
    if absolute.join(".git").exists() {
        return Ok(Origin::Git(absolute));
    }
    if !absolute.exists() {
        return Err(error(format!("{by} {shown} does not exist"), "name a folder with a tminus.toml"));
    }
    Err(error(
        format!("{by} {shown} has no tminus.toml"),
        "name a folder with one, or run `tminus init` there to write it",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(names: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for name in names {
            let path = root.path().join(name);
            if name.contains(".toml") {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, "").unwrap();
            } else {
                std::fs::create_dir_all(path).unwrap();
            }
        }
        root
    }

    #[test]
    fn the_order_is_the_contracts() {
        let root = folders(&[
            "a/tminus.toml",
            "b/tminus.toml",
            "c/tminus.toml",
            "c/sub/x",
            "d/tminus.toml",
            "r/.git",
            "r/s",
        ]);
        let at = |name: &str| root.path().join(name);
        let mut around = Surroundings {
            explicit: Some(at("a")),
            variable: Some(at("b")),
            here: Some(at("c/sub/x")),
            person: Some((at("config.toml"), PathBuf::from("d"))),
        };
        let origin = |around: &Surroundings| search(around).unwrap().origin;
        assert_eq!(origin(&around), Origin::Files(at("a")));
        around.explicit = None;
        assert_eq!(origin(&around), Origin::Files(at("b")));
        around.variable = None;
        assert_eq!(origin(&around), Origin::Files(at("c")));
        around.here = Some(at("r/s"));
        assert_eq!(origin(&around), Origin::Files(at("d")));
        around.person = None;
        assert_eq!(origin(&around), Origin::Git(at("r")));
        around.here = Some(root.path().to_owned());
        assert_eq!(origin(&around), Origin::Nowhere);
    }

    #[test]
    fn a_folder_that_is_no_workspace_is_refused_and_a_repository_is_taken() {
        let root = folders(&["empty", "repo/.git"]);
        let named = |name: &str| {
            search(&Surroundings { explicit: Some(root.path().join(name)), ..Surroundings::default() })
        };
        assert!(named("empty").unwrap_err().to_string().contains("tminus init"));
        assert!(named("gone").unwrap_err().to_string().contains("does not exist"));
        assert_eq!(named("repo").unwrap().origin, Origin::Git(root.path().join("repo")));
    }

    #[test]
    fn a_workspace_in_the_persons_file_that_is_gone_is_said() {
        let root = folders(&["here"]);
        let located = search(&Surroundings {
            here: Some(root.path().join("here")),
            person: Some((root.path().join("config.toml"), PathBuf::from("gone"))),
            ..Surroundings::default()
        });
        let located = located.unwrap();
        assert_eq!(located.origin, Origin::Nowhere);
        assert!(located.problems[0].message.contains("gone"), "{:?}", located.problems);
    }
}
