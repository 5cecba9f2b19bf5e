<?php
// The same job as PHP does it: checks, and appends under a lock.
header('Content-Type: application/json');
header('Content-Length: 51');
$body = file_get_contents('php://input');
$event = json_decode($body);
$ids = ['MsgSeq', 'OperateType', 'Seq', 'EventTime'];
$right = is_object($event) && ($_GET['SdkAppid'] ?? '') === '1400000000' &&
    ($event->CallbackCommand ?? '') === 'Group.CallbackAfterGroupMsgExtension' &&
    is_string($event->GroupId ?? null) && is_array($event->ExtensionList ?? null);
foreach ($ids as $id)
	$right = $right && is_int($event->$id ?? null);
if (!$right) {
	http_response_code(400);
	header_remove('Content-Length');
	exit('{"ActionStatus":"FAIL","ErrorInfo":"bad request","ErrorCode":1}');
}
$line = '{"time":"' . gmdate('Y-m-d\TH:i:s.000\Z') . '","SdkAppid":1400000000,' . substr($body, 1) . "\n";
$log = fopen($_SERVER['PEER_DATA'] . '/' . rawurlencode($event->GroupId) . '.jsonl', 'a');
flock($log, LOCK_EX);
fwrite($log, $line);
fclose($log);
echo '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}', "\n";
