//! What a lab is: its name, and the servers that it talks to.

use std::net::{Ipv4Addr, SocketAddr};

/// Where the learner's own server is expected. No other address is ever asked for by a page.
pub const OWN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);

pub struct Lab {
    /// The element is `<name-lab>`, its script `book/src/assets/labs/name.js`.
    pub name: &'static str,
    pub title: &'static str,
    /// What the lessons' tests recorded, for a page with no server behind it.
    pub recorded: Recorded,
    /// The references that it may talk to, beside the learner's own server.
    pub programs: &'static [Program],
    /// What its WebSockets ask for.
    pub target: &'static str,
    /// How many bytes may lie at the tunnel's end of a connection, where a lab wants to see a
    /// server wait. The system takes it as a wish.
    pub buffer: Option<u32>,
}

impl Lab {
    /// A lab that talks to nobody.
    pub const ALONE: Lab = Lab {
        name: "",
        title: "",
        recorded: Recorded::Transcripts,
        programs: &[],
        target: "/",
        buffer: None,
    };

    /// The server that a page names.
    pub fn server(&self, name: &str) -> Option<Server> {
        match name {
            "own" => Some(Server::Own),
            _ => {
                let mut programs = self.programs.iter();
                let program = programs.find(|program| program.name == name)?;
                Some(Server::Reference(*program))
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    Transcripts,
    /// Columns that are two blanks or more apart.
    Table,
}

/// A solution's own program: `cargo run -p PACKAGE -- 127.0.0.1:0 ARGUMENTS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Program {
    /// As the page names it.
    pub name: &'static str,
    pub package: &'static str,
    pub arguments: &'static [&'static str],
}

/// A server of a lab: they differ in nothing but their address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Reference(Program),
    Own,
}
