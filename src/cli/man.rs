//! `tminus man`

use super::output::print;
use super::{CliError, Context, Exit, grammar};
use crate::store::nearest;

/// What clap does not know of the program, in roff.
const MORE: &str = r#".SH "EXIT STATUS"
.TP
\fB0\fR
done, or the answer is yes, go, healthy
.TP
\fB1\fR
the answer is no
.TP
\fB2\fR
the call or a file is wrong; what can be answered without it is answered all the same
.TP
\fB3\fR
the answer is not known: a backend did not say
.SH TIME
RFC 3339 (2026\-11\-25T14:00:00Z), a date or a local date and time in the workspace's zone
(2026\-11\-25, 2026\-11\-25T14:00), or relative to now (now, \-2h, +3d).
.SH ENVIRONMENT
.TP
\fBTMINUS_WORKSPACE\fR
the workspace, where \-w does not name one
.TP
\fBTMINUS_CONFIG\fR
the person's own settings file
.TP
\fBNO_COLOR\fR
no colours
"#;

/// Options of `tminus man`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The subcommand to print the page of; without it, the program's
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Runs it.
pub fn run(_context: &Context, args: Args) -> Result<Exit, CliError> {
    let mut grammar = grammar();
    grammar.build();
    let page = match &args.command {
        None => grammar,
        Some(name) => {
            let known = grammar.get_subcommands().map(clap::Command::get_name);
            let meant = nearest(name, known).map_or_else(
                || "`tminus --help` names them".to_owned(),
                |meant| format!("did you mean `{meant}`?"),
            );
            let found = grammar.find_subcommand(name).cloned();
            found.ok_or_else(|| {
                CliError::wrong(format!("no command `{}`", crate::domain::Safe::new(name)), meant)
            })?
        }
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut roff)
        .map_err(|error| CliError::wrong(format!("the page could not be written: {error}"), "report this"))?;
    print(&(String::from_utf8_lossy(&roff) + MORE));
    Ok(Exit::Yes)
}
