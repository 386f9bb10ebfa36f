//! `tminus release add --quick`: a release in one line, and what was understood of it.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::{CliError, Context, Exit, output};
use super::{apply, error, read, show};
use crate::domain::quick_add::{Remark, quick_add};
use crate::domain::{Edit, Release, Workspace};
use crate::store;

/// What to add.
pub struct Add<'a> {
    /// As typed.
    pub line: &'a str,
    /// The id, where the person wants another than the one made up.
    pub id: Option<&'a str>,
    /// Only say what would be written.
    pub dry_run: bool,
}

/// Runs it.
pub fn run(
    context: &Context,
    root: &Path,
    workspace: &Workspace,
    now: DateTime<Utc>,
    add: &Add<'_>,
) -> Result<Exit, CliError> {
    let understood = match quick_add(add.line, workspace, now) {
        Ok(understood) => understood,
        Err(mistakes) => {
            for mistake in &mistakes {
                output::complain(&format!("tminus: {}\n{}", mistake.message, pointed(add.line, mistake)));
            }
            return Err(CliError::wrong("the line was not understood", "mend what is said above"));
        }
    };
    let mut new = understood.new;
    if let Some(id) = add.id {
        id.clone_into(&mut new.id);
    }
    for notice in &understood.notices {
        output::complain(&format!("tminus: notice: {}\n{}", notice.message, pointed(add.line, notice)));
    }
    if !context.global.json {
        for (stage, times) in new.stages.iter().zip(&understood.times) {
            let region = stage.region.as_ref().map_or_else(String::new, |region| format!("/{region}"));
            output::complain(&format!("{}{region}: {}", stage.environment, times.sentence()));
        }
    }
    let release = if add.dry_run {
        store::preview(root, &new).map_err(error)?
    } else {
        let id = new.id.clone();
        apply(root, &Edit::AddRelease(new))?;
        read(root, &id)?
    };
    let done = if add.dry_run { "would be added" } else { "added" };
    show(context, &release, done, &understood.notices);
    Ok(Exit::Yes)
}

/// Says what became of it: the release as in its file.
pub fn show(context: &Context, release: &Release, done: &str, notices: &[Remark]) {
    if !context.global.json {
        return output::print(&format!("{done}: {}", show::text(release)));
    }
    let mut fields = show::json(release);
    if let Value::Object(fields) = &mut fields {
        let notices: Vec<Value> = notices
            .iter()
            .map(
                |notice| json!({"from": notice.span.start, "to": notice.span.end, "message": notice.message}),
            )
            .collect();
        fields.insert("notices".to_owned(), notices.into());
    }
    output::print_json("release", fields);
}

/// The line with a sign under the place.
fn pointed(line: &str, remark: &Remark) -> String {
    let width = |text: &str| unicode_width::UnicodeWidthStr::width(crate::domain::Safe::new(text).as_str());
    let before = width(&line[..remark.span.start]);
    let marks = width(&line[remark.span.clone()]).max(1);
    format!("  {}\n  {}{}", crate::domain::Safe::new(line), " ".repeat(before), "^".repeat(marks))
}
