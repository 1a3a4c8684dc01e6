// Break-glass access: an emergency role, for a reason that CloudTrail records. Each use asks for the
// reason and for an MFA code; nothing is cached.
//
//	[profile emergency]
//	source_profile = alice
//	mfa_serial = arn:aws:iam::123456789012:mfa/alice
//	break_glass_role = arn:aws:iam::123456789012:role/emergency
//	break_glass_user = alice
//
// Build it into the folder of strategies:
//
//	go build -o ~/.aws/eac/strategies/break-glass break-glass.go
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

const description = `{"api": 1, "name": "break-glass",
	"summary": "assumes an emergency role, for a reason that CloudTrail records",
	"needs": [["break_glass_role", "break_glass_user", "mfa_serial", "source_profile"]],
	"wants": ["source", "sts", "mfa", "ask"], "keep": false}`

// What STS allows in the value of a session tag.
var notInTag = regexp.MustCompile(`[^\p{L}\p{Z}\p{N}_.:/=+\-@]`)

type request struct {
	Request     string            `json:"request"`
	Profile     map[string]string `json:"profile"`
	Interactive bool              `json:"interactive"`
}

// eac is the connection: each call is a line out and a line in.
type eac struct {
	in *bufio.Reader
}

func (e eac) call(message map[string]any) (json.RawMessage, error) {
	if err := json.NewEncoder(os.Stdout).Encode(message); err != nil {
		return nil, err
	}
	line, err := e.in.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var reply struct {
		Result json.RawMessage `json:"result"`
		Error  *struct{ Code, Message string }
	}
	if err := json.Unmarshal(line, &reply); err != nil {
		return nil, err
	}
	if reply.Error != nil {
		return nil, errors.New(reply.Error.Message)
	}
	return reply.Result, nil
}

func (e eac) obtain(r request) (any, error) {
	if !r.Interactive {
		return map[string]string{
			"error": "an emergency role needs a reason that the user types",
			"code":  "input_required",
		}, nil
	}
	raw, err := e.call(map[string]any{"call": "ask", "question": "Reason, or ticket:"})
	if err != nil {
		return nil, err
	}
	var reason string
	if err := json.Unmarshal(raw, &reason); err != nil {
		return nil, err
	}
	reason = strings.TrimSpace(notInTag.ReplaceAllString(reason, " "))
	if len(reason) < 8 {
		return map[string]string{"error": "the reason is too short", "code": "access_denied"}, nil
	}
	if runes := []rune(reason); len(runes) > 256 {
		reason = string(runes[:256])
	}
	return e.call(map[string]any{
		"call":            "sts.assumeRole",
		"roleArn":         r.Profile["break_glass_role"],
		"durationSeconds": 900,
		"mfaSerial":       r.Profile["mfa_serial"],
		"sourceIdentity":  r.Profile["break_glass_user"],
		"tags":            map[string]string{"reason": reason},
	})
}

func main() {
	e := eac{in: bufio.NewReader(os.Stdin)}
	line, err := e.in.ReadBytes('\n')
	var r request
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "break-glass:", err)
		os.Exit(1)
	}
	if r.Request == "describe" {
		fmt.Println(strings.ReplaceAll(description, "\n", ""))
		return
	}
	answer, err := e.obtain(r)
	if err != nil {
		fmt.Fprintln(os.Stderr, "break-glass:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		os.Exit(1)
	}
}
