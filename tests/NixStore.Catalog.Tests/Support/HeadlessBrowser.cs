using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Catalog.Tests.Support;

/// <summary>A real browser without a screen, which is asked by its DevTools protocol.</summary>
internal sealed class HeadlessBrowser : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly TemporaryDirectory _profile = new();
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[1 << 16];
    private string? _page;
    private int _number;

    private HeadlessBrowser(string script) => _process = Process.Start(
        new ProcessStartInfo(script, ["run", _profile.Path]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>What went wrong in the page since it was opened: exceptions, errors and warnings of the console, and what the policy refused.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>What the page has asked for, itself excepted.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Starts it; null where it cannot be had.</summary>
    public static async Task<HeadlessBrowser?> TryStart()
    {
        var browser = new HeadlessBrowser($"{SourceTree.Interop}/browser.sh");
        browser._process.ErrorDataReceived += (_, _) => { };
        browser._process.BeginErrorReadLine();
        var address = await browser._process.StandardOutput.ReadLineAsync();
        if (string.IsNullOrEmpty(address))
        {
            browser.Dispose();
            return null;
        }

        await browser._socket.ConnectAsync(new Uri(address), CancellationToken.None);
        return browser;
    }

    /// <summary>Opens a file in a new page.</summary>
    public async Task Open(string file, int width, params (string Name, string Value)[] media)
    {
        Errors.Clear();
        Requests.Clear();
        var url = new Uri(file).AbsoluteUri;
        _page = null;
        var target = await Ask("Target.createTarget", new() { ["url"] = "about:blank" });
        _page = (string?)(await Ask("Target.attachToTarget", new() { ["targetId"] = (string?)target["targetId"], ["flatten"] = true }))["sessionId"];
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
        {
            await Ask($"{domain}.enable", []);
        }

        await Ask("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        await Emulate("screen", media);
        await Ask("Page.navigate", new() { ["url"] = url });
        await WaitFor($"location.href === {JsonSerializer.Serialize(url)} && document.readyState === 'complete'");
        Requests.RemoveAll(request => request == url);
    }

    /// <summary>Shows the page as another medium.</summary>
    public Task Emulate(string medium, params (string Name, string Value)[] media) => Ask("Emulation.setEmulatedMedia", new()
    {
        ["media"] = medium,
        ["features"] = new JsonArray([.. media.Select(item => (JsonNode)new JsonObject { ["name"] = item.Name, ["value"] = item.Value })]),
    });

    /// <summary>What an expression of the page gives, after what it promises.</summary>
    public async Task<JsonNode?> Evaluate(string expression)
    {
        var answer = await Ask("Runtime.evaluate", new() { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        Assert.True(answer["exceptionDetails"] is null, answer.ToJsonString());
        return answer["result"]?["value"];
    }

    /// <summary>Waits until an expression of the page is true.</summary>
    public async Task WaitFor(string expression)
    {
        for (var watch = Stopwatch.StartNew(); (bool?)await Evaluate($"Boolean({expression})") != true;)
        {
            Assert.True(watch.Elapsed < s_patience, $"It does not come about: {expression}");
            await Task.Delay(20);
        }
    }

    /// <summary>Moves the pointer.</summary>
    public Task Point(double x, double y) => Ask("Input.dispatchMouseEvent", new() { ["type"] = "mouseMoved", ["x"] = x, ["y"] = y });

    /// <summary>A picture of the whole page.</summary>
    public async Task Picture(string file)
    {
        var answer = await Ask("Page.captureScreenshot", new() { ["captureBeyondViewport"] = true });
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, Convert.FromBase64String((string)answer["data"]!));
    }

    public void Dispose()
    {
        _socket.Dispose();

        // It runs until its input ends.
        _process.StandardInput.Close();
        _process.WaitForExit(10_000);
        _process.Dispose();
        _profile.Dispose();
    }

    /// <summary>A file in the folder of the results of tests.</summary>
    public static string Result(string name) => $"{SourceTree.Root}/output/TestResults/{name}";

    private async Task<JsonObject> Ask(string method, JsonObject parameters)
    {
        var number = ++_number;
        var request = new JsonObject { ["id"] = number, ["method"] = method, ["params"] = parameters };
        if (_page is not null)
        {
            request["sessionId"] = _page;
        }

        using var stop = new CancellationTokenSource(s_patience);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(request.ToJsonString()), WebSocketMessageType.Text, true, stop.Token);
        for (; ; )
        {
            var message = await Receive(stop.Token);
            if ((int?)message["id"] == number)
            {
                return message["error"] is { } error ? throw new InvalidOperationException($"{method}: {error.ToJsonString()}") : message["result"]!.AsObject();
            }

            Note((string?)message["method"], message["params"]);
        }
    }

    private async Task<JsonNode> Receive(CancellationToken stop)
    {
        using var whole = new MemoryStream();
        for (; ; )
        {
            var part = await _socket.ReceiveAsync(_buffer, stop);
            whole.Write(_buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return JsonNode.Parse(whole.ToArray())!;
            }
        }
    }

    private void Note(string? method, JsonNode? what)
    {
        if (method == "Runtime.exceptionThrown" || (method == "Runtime.consoleAPICalled" && (string?)what!["type"] is "error" or "warning" or "assert")
            || (method == "Log.entryAdded" && (string?)what!["entry"]!["level"] is "error" or "warning"))
        {
            Errors.Add(what!.ToJsonString(new JsonSerializerOptions { WriteIndented = false }));
        }
        else if (method == "Network.requestWillBeSent")
        {
            Requests.Add((string)what!["request"]!["url"]!);
        }
    }
}
