-- What a program of version 1 wrote: a person who is blocked, her account, who holds the right to commit, and who is due.
INSERT INTO ledger (id, tenant, name_key, change, policy, roster, erased) VALUES
    (1, 't', {x}2ac9311b7aa833dd7fca00fac96ca4bec6094e512167c55554c97864a7a3f0b7{y}, 7, '0101010101010101010101010101010101010101010101010101010101010101', '2bc3888e545dc8578d8e300f9af2ace9cc621c3294dff0ae114f8360d3119c3e', 0);
UPDATE lease SET id = 1, token = 1, holder = 'engine', until = 1772445600000000;
INSERT INTO audit (place, salt, payload, digest, hash) VALUES
    (0, {x}c7644ca9635a58188458fbe2e548eee6{y}, '{"at":"2026-03-02T09:00:00Z","actor":"engine","fact":{"intent":{"id":{"plan":"0707070707070707070707070707070707070707070707070707070707070707","action":1},"action":{"id":1,"step":{"account":{"key":{"tenant":"t","target":"entra","person":"hr:1","kind":"main"},"id":null,"step":{"create":{"attributes":[["user_name",{"text":"anna"}]],"names":["user_name"]}}}},"day":"2026-03-02","why":[],"timing":"expected","after":[]}}}}', {x}3c089cce8e07caf18b4f77b88bc5dec8caf11e250d07780e4ed9c4d144532bbb{y}, {x}53759e28c22f7231ee3e7709f2eef547bfeec00af5e633dd15a8adde02b034a4{y});
INSERT INTO audit (place, salt, payload, digest, hash) VALUES
    (1, {x}e1b3bea09da3cc02fc0595cba409de2f{y}, '{"at":"2026-03-02T09:00:00Z","actor":"engine","fact":{"outcome":[{"plan":"0707070707070707070707070707070707070707070707070707070707070707","action":1},{"done":{"truth":{"live":{"id":"a1","shown":"disabled","given":[]}},"secret":false}}]}}', {x}fd668267d5d55d6dea3d422fc0894ccd89caf19634e701aec29c7a33ca2a58eb{y}, {x}91dc82fb8a4a498ed4bead6c865c81276440a5d3aef4d3e52ae6deca21adabe0{y});
INSERT INTO audit (place, salt, payload, digest, hash) VALUES
    (2, {x}d7337c9dd5de362fca4b934b3e9415d2{y}, '{"at":"2026-03-02T09:00:00Z","actor":"engine","fact":{"said":{"person":["hr:1","block"]}}}', {x}b2c6f65f07c0ea59504e84b352c9065b2cc7ee6ed0f9d79e64242028ffc60ab5{y}, {x}57ad8a7fa14f20c66b952740c9bfdb2965cc04e18163898da82c0320c4008676{y});
INSERT INTO sources (source, reading, departments, fill, identity, change) VALUES
    ('hr', '{"hash":"c7831716229a27fa1470e39479f41985c65991d9c649b0b0f429913728a30d42","fingerprint":"test","taken_at":"2026-03-02T09:00:00Z","accepted_at":"2026-03-02T09:00:00Z","cursor":null}', '{"d1":{"code":"d1","name":"Board","parent":null,"manager":null}}', '{"people":1,"contracts":1,"known":{"contract.department":1,"given_name":1}}', '[]', 1);
INSERT INTO people (record, content, change) VALUES
    ('hr:1', '{"id":"hr:1","presence":"present","defects":[],"conflict":null,"zone":null,"facts_since":"2026-03-02","fields":[["given_name",{"text":"Anna"}]],"contracts":[{"id":"a","read":["2026-03-01",null],"period":{"start":"2026-03-01","end":null},"standing":"present","zone":null,"known_since":"2026-03-02","facts_since":"2026-03-02","fields":[["department",{"text":"d1"}]]}]}', 1);
INSERT INTO targets (target, place, complete, change) VALUES
    ('entra', NULL, 1, 3);
INSERT INTO shown (target, sort, id, content, change) VALUES
    ('entra', 0, 'a1', '{"id":"a1","anchor":"hr:1","presence":"live","shown":"disabled","attributes":[["user_name",{"text":"anna"}]],"permissions":[]}', 3);
INSERT INTO agenda (person, due, wake, watches, change) VALUES
    ('hr:1', 0, 1772528400000000, '["hr:2"]', 6);
INSERT INTO agenda (person, due, wake, watches, change) VALUES
    ('hr:2', 1, NULL, NULL, 7);
