//! tminus: a release cockpit in the terminal.
//!
//! # The map
//!
//! | room | is | may use |
//! |---|---|---|
//! | [`domain`] | the words of the trade and their rules, pure | nothing of ours |
//! | [`store`] | files to domain and back: reading, safe writing, watching, the person's config | domain |
//! | [`backend`] | git, Jira, Prometheus, Alertmanager: questions to answers | domain |
//! | [`demo`] | a made-up company: its repository and its servers, in this process | domain |
//! | [`app`] | the cockpit's state machine: state, messages, effects; a folder a panel | domain |
//! | [`input`] | keys and mouse to intents, from one table | app |
//! | [`theme`] | meanings to colours | domain |
//! | [`view`] | state to frames; a folder a panel | app, input's table, theme |
//! | [`cli`] | subcommands, JSON, exit status | domain, store, backend, demo; app and runtime to open the cockpit |
//! | [`runtime`] | the loop, the terminal, effects, timers, signals: the only clock | everything |
//!
//! `tests/architecture.rs` holds these lines.

pub mod app;
pub mod backend;
pub mod cli;
pub mod demo;
pub mod domain;
pub mod input;
pub mod runtime;
pub mod store;
pub mod theme;
pub mod view;
