//! Questions to answers: git, Jira, Prometheus, Alertmanager.
