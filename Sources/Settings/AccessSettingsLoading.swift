package import Posix

/// From the entries of a configuration file to `AccessSettings`.
extension AccessSettings {
    /// The file to read when none is named: ours, else Dovecot's, else none.
    package static func defaultFile() throws(SystemError) -> Path? {
        for file in ["/etc/malleposte/dovecot.conf", "/etc/dovecot/dovecot.conf"] as [Path]
        where try file.statusIfPresent() != nil {
            return file
        }
        return nil
    }

    /// The settings of a machine without a configuration file.
    ///
    /// The system's mailboxes lie in a directory where only its group may make files, and a crash-safe
    /// change of one needs a file beside it: where that group is there, its right is kept, as
    /// Debian's configuration of Dovecot does.
    package static func withoutFile() throws(SystemError) -> AccessSettings {
        var settings = AccessSettings()
        if try Group.id(named: "mail") != nil { settings.mailPrivilegedGroup = "mail" }
        return settings
    }

    /// The settings of the file that was named, or is there; else the defaults.
    package static func find(
        _ named: Path?, service: String
    ) throws(DovecotError) -> AccessSettings {
        var file = named
        do throws(SystemError) {
            if file == nil { file = try defaultFile() }
            if file == nil { return try withoutFile() }
        } catch {
            throw DovecotError(DovecotPlace(file: "dovecot.conf", line: 0), error.description)
        }
        return if let file { try load(file, service: service) } else { AccessSettings() }
    }

    /// What `file` says to the server of `service`: `imap`, `pop3` or `lmtp`.
    package static func load(
        _ file: Path, service: String
    ) throws(DovecotError) -> AccessSettings {
        var settings = AccessSettings()
        let entries = try DovecotReader.read(file)
        try settings.take(entries, service: service)
        // What a protocol's own block says outweighs what stands outside of it, in whatever order.
        for entry in entries {
            guard case .block(let block) = entry, block.name == "protocol" else { continue }
            if block.label == service {
                try settings.take(block.entries, service: service)
            }
        }
        return settings
    }

    private mutating func take(
        _ entries: [DovecotEntry], service: String
    ) throws(DovecotError) {
        for entry in entries {
            switch entry {
            case .setting(let setting): try take(setting, service: service)
            case .block(let block): try take(block)
            }
        }
    }

    private mutating func take(
        _ setting: DovecotSetting, service: String
    ) throws(DovecotError) {
        if let parameter = AccessParameter.byName[setting.name] {
            try parameter.set(&self, setting)
            warnAboutValue(of: setting, service: service)
        } else if DovecotNames.doneAnyway[setting.name] == setting.value {
            return
        } else if setting.name == "dovecot_config_version" {
            throw DovecotError(setting.place, "not supported yet: Dovecot 2.4's settings")
        } else if DovecotNames.settings.contains(setting.name) {
            warnings.append("\(setting.place): not supported yet: \(setting.name)")
        } else {
            warnings.append("\(setting.place): unknown setting: \(setting.name)")
        }
    }

    /// Values that Dovecot knows and we do not, of settings that we do know.
    private mutating func warnAboutValue(of setting: DovecotSetting, service: String) {
        switch setting.name {
        case "protocols" where !protocols.contains(service):
            warnings.append(
                "\(setting.place): \(service) is not in protocols, but served where it is started")
        case "listen" where listen.contains { $0 != "*" && $0 != "::" }:
            warnings.append(
                "\(setting.place): listen has no effect: inetd, systemd or --listen say where")
        case "ssl" where setting.value != "no":
            warnings.append("\(setting.place): not supported yet: ssl = \(setting.value)")
        case "auth_mechanisms":
            for mechanism in mechanisms where mechanism != "plain" && mechanism != "login" {
                warnings.append(
                    "\(setting.place): not supported yet: authentication mechanism \(mechanism)")
            }
        default: break
        }
    }

    private mutating func take(_ block: DovecotBlock) throws(DovecotError) {
        switch block.name {
        case "passdb": passwordDatabases.append(try database(block))
        case "userdb": userDatabases.append(try database(block))
        case "protocol": break
        case "namespace" where saysNothingNew(block): break
        default:
            let name = block.label.isEmpty ? block.name : "\(block.name) \(block.label)"
            let isKnown = DovecotNames.blocks.contains(block.name)
            warnings.append(
                "\(block.place): \(isKnown ? "not supported yet" : "unknown block"): \(name) {")
        }
    }

    /// The namespace that there is anyway: Dovecot's own example has it, with special uses for
    /// clients to see.
    private func saysNothingNew(_ block: DovecotBlock) -> Bool {
        block.entries.allSatisfy { entry in
            switch entry {
            case .setting(let setting): setting.name == "inbox" && setting.value == "yes"
            case .block: false
            }
        }
    }

    private mutating func database(
        _ block: DovecotBlock
    ) throws(DovecotError) -> DatabaseSettings {
        guard let driver = block.value("driver") ?? (block.label.isEmpty ? nil : block.label) else {
            throw DovecotError(block.place, "\(block.name) without a driver")
        }
        for entry in block.entries {
            guard case .setting(let setting) = entry else { continue }
            if setting.name == "deny" || setting.name == "master" || setting.name == "skip" {
                // To leave out one of these would let somebody in.
                throw DovecotError(
                    setting.place, "not supported yet: \(setting.name) in \(block.name)")
            }
            if setting.name != "driver", setting.name != "args" {
                warnings.append(
                    "\(setting.place): not supported yet: \(setting.name) in \(block.name)")
            }
        }
        return DatabaseSettings(
            driver: driver, arguments: block.value("args") ?? "", place: block.place)
    }
}
