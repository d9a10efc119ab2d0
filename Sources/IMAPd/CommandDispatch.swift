import IMAPGrammar

/// Which command is acted on where.
extension IMAPSession {
    func act(on command: TaggedCommand) throws(Interruption) -> Completion {
        switch command.command {
        case .capability: try capability()
        case .noop: try noop()
        case .logout: try logout()
        case .startTLS: .bad("TLS can only be started before login")
        case .id: try identify()
        case .login, .authenticate: .bad("Already logged in")
        case .select(let select): try self.select(select)
        case .create(let create): try self.create(create)
        case .delete(let delete): try self.delete(delete)
        case .rename(let rename): try self.rename(rename)
        case .subscribe(let subscribe): try self.subscribe(subscribe)
        case .unsubscribe(let unsubscribe): try self.unsubscribe(unsubscribe)
        case .list(let list): try self.list(list)
        case .lsub(let lsub): try self.lsub(lsub)
        case .namespace: try namespace()
        case .status(let status): try self.status(status)
        // The reader hands over APPEND before its message; a whole one has no literal to stream.
        case .append: .bad("expected a literal")
        case .idle: try idle()
        case .check: try check()
        case .close: try close()
        case .unselect: try unselect()
        case .expunge(let expunge): try self.expunge(expunge)
        case .search(let search): try self.search(search)
        case .fetch(let fetch): try self.fetch(fetch)
        case .store(let store): try self.storeFlags(store)
        case .copy(let copy): try self.copy(copy)
        }
    }
}
