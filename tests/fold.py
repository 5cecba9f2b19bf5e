"""fold.py LOG - an independent fold, in the words of the log's manual: for tests."""
import json
import sys

messages = {}
for line in open(sys.argv[1], "rb"):
    record = json.loads(line)
    snapshot = "Snapshot" in record and "CallbackCommand" not in record
    seq = record["LatestSeq"] if snapshot else record["Seq"]
    kind = 0 if snapshot else record["OperateType"]
    message = messages.setdefault(
        record["MsgSeq"], {"group": record["GroupId"], "latest": 0, "clear": 0, "whole": 0, "keys": {}, "seen": {},
                           "erased": []})
    erased = record.get("Erased", [])
    message["erased"] += erased
    message["latest"] = max(message["latest"], seq)
    whole = record["WholeSeq"] if snapshot else 0
    message["whole"] = max(message["whole"], whole)
    message["clear"] = max(message["clear"], record["ClearSeq"] if snapshot else seq if kind == 3 else 0)
    changes = [(pair["Key"], pair["Seq"], kind == 2, pair.get("Value", "")) for pair in record.get("ExtensionList") or []]
    if snapshot:
        changes += [(pair["Key"], pair["Seq"], True, "") for pair in record.get("Deleted", [])]
        for key, _, deleted, _ in changes:
            if not deleted:
                message["seen"][key] = max(message["seen"].get(key, 0), whole)
        changes += [(pair["Key"], pair["Seq"], "Value" not in pair, pair.get("Value", ""))
                    for pair in record.get("Unlisted", [])]
    for key, version, deleted, value in changes:
        left = any(first <= version <= last for first, last in erased)
        rank = (version, left, deleted, "" if deleted else value)
        message["keys"][key] = max(message["keys"].get(key, (-1, False, False, "")), rank)
for number, message in sorted(messages.items()):
    pairs = [{"Key": key, "Value": value, "Seq": seq} for key, (seq, left, deleted, value) in message["keys"].items()
             if not deleted and seq > message["clear"]
             and (left or not any(first <= seq <= last for first, last in message["erased"]))
             and (seq > message["whole"] or message["seen"].get(key, 0) == message["whole"])]
    print(json.dumps({"GroupId": message["group"], "MsgSeq": number, "LatestSeq": message["latest"],
                      "ClearSeq": message["clear"],
                      "ExtensionList": sorted(pairs, key=lambda pair: (pair["Seq"], pair["Key"]))}))
