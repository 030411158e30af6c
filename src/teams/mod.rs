//! Floor 2: everything that is Microsoft's: the wire, the tokens, the connector, the app package.
