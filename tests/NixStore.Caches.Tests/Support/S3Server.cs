using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.S3;
using NixStore.Caches.S3.Credentials;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Caches.Tests.Support;

/// <summary>A real S3 server (radosgw), started for the first test that needs it; without root or Debian those tests skip.</summary>
public sealed class S3Server : IDisposable
{
    // Its monitor takes the port a thousand above.
    private const int MonitorOffset = 1000;

    private static readonly HttpClient s_client = new();
    private static int s_buckets;

    private readonly Lazy<string?> _endpoint;
    private Process? _process;

    public S3Server() => _endpoint = new Lazy<string?>(Start);

    internal static AwsCredentials Keys { get; } = new("AKTEST", "SKTEST");

    public string Endpoint => _endpoint.Value ?? throw new InvalidOperationException("Require() comes first.");

    /// <summary>Skips the test, visibly, when there is no server.</summary>
    public void Require() => Skip.If(_endpoint.Value is null, "S3 SERVER MISSING: tests/interop/s3-server.sh needs root and Debian's packages");

    /// <summary>Makes a bucket of its own for a test.</summary>
    /// <param name="forEverybody">What those without credentials may do there, for example <c>s3:GetObject</c>.</param>
    public string NewBucket(params string[] forEverybody)
    {
        var bucket = $"bucket-{Interlocked.Increment(ref s_buckets)}";
        Send(HttpMethod.Put, bucket, "", []);
        if (forEverybody.Length > 0)
        {
            var actions = string.Join(',', forEverybody.Select(action => $"\"{action}\""));
            Send(HttpMethod.Put, bucket, "", Encoding.UTF8.GetBytes($$"""
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":[{{actions}}],
                 "Resource":["arn:aws:s3:::{{bucket}}","arn:aws:s3:::{{bucket}}/*"]}]}
                """), ("policy", ""));
        }

        return bucket;
    }

    public string Url(string bucket, string settings = "") => $"s3://{bucket}?endpoint={Endpoint}&region=us-east-1{(settings.Length == 0 ? "" : "&" + settings)}";

    internal S3BinaryCache Open(string url, BinaryCacheOptions? options = null, AwsCredentials? keys = null)
        => new(BinaryCacheUrl.Parse(url), options, Chain(keys ?? Keys), null, default);

    internal S3BinaryCache OpenAnonymously(string url) => new(BinaryCacheUrl.Parse(url), null, new AwsCredentialChain([]), null, default);

    /// <summary>Lets a bucket keep versions, or no more of them than it has.</summary>
    public void KeepVersions(string bucket, bool isEnabled = true) => Send(HttpMethod.Put, bucket, "",
        Encoding.UTF8.GetBytes($"<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>{(isEnabled ? "Enabled" : "Suspended")}</Status></VersioningConfiguration>"), ("versioning", ""));

    /// <summary>Lets a bucket's lifecycle delete older versions.</summary>
    public void ExpireVersions(string bucket, int days, string prefix = "") => Send(HttpMethod.Put, bucket, "", Encoding.UTF8.GetBytes($"""
        <LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ID>old</ID><Filter><Prefix>{prefix}</Prefix></Filter><Status>Enabled</Status>
        <NoncurrentVersionExpiration><NoncurrentDays>{days}</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>
        """), ("lifecycle", ""));

    public void Put(string bucket, string key, byte[] bytes) => Send(HttpMethod.Put, bucket, key, bytes);

    /// <summary>Takes all tags from an object.</summary>
    public void Untag(string bucket, string key) => Send(HttpMethod.Delete, bucket, key, null, ("tagging", ""));

    public void Delete(string bucket, string key) => Send(HttpMethod.Delete, bucket, key, null);

    internal byte[] Get(string bucket, string key, out HttpResponseMessage response)
    {
        response = Send(HttpMethod.Get, bucket, key, null);
        return response.Content.ReadAsByteArrayAsync().Result;
    }

    public void Dispose()
    {
        // It runs until its input ends.
        _process?.StandardInput.Close();
        _process?.WaitForExit(10_000);
        _process?.Dispose();
    }

    internal static AwsCredentialChain Chain(AwsCredentials keys) => new([new Fixed(keys)]);

    private HttpResponseMessage Send(HttpMethod method, string bucket, string key, byte[]? body, params IEnumerable<(string, string)> query)
    {
        var location = S3Location.Of(BinaryCacheUrl.Parse(Url(bucket)));
        using var request = new HttpRequestMessage(method, location.UriOf(key, query));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentMD5 = MD5.HashData(body);
            request.Headers.Add("x-amz-content-sha256", SignatureV4.Hex(SHA256.HashData(body)));
        }

        new SignatureV4("us-east-1", "s3", TimeProvider.System).Sign(request, Keys);
        var response = s_client.Send(request);
        return response.IsSuccessStatusCode ? response : throw new InvalidOperationException($"{method} {request.RequestUri}: {response.StatusCode} {response.Content.ReadAsStringAsync().Result}");
    }

    private string? Start()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            return null;
        }

        // Between their choice and their use somebody else may take the ports.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            _process = Process.Start(new ProcessStartInfo(Script, ["run", $"{FreePorts.Choose(MonitorOffset)}"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            _process.ErrorDataReceived += (_, _) => { };
            _process.BeginErrorReadLine();
            if (_process.StandardOutput.ReadLine() is { } endpoint)
            {
                return endpoint;
            }
        }

        return null;
    }

    private static string Script => $"{SourceTree.Interop}/s3-server.sh";

    private sealed class Fixed(AwsCredentials keys) : IAwsCredentialSource
    {
        public ValueTask<AwsCredentials?> Get(CancellationToken cancellation) => ValueTask.FromResult<AwsCredentials?>(keys);
    }
}
