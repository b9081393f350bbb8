using System.Text;
using NixStore.Caches.S3.Credentials;
using NixStore.Caches.Tests.Support;

namespace NixStore.Caches.Tests.S3;

/// <summary>Where credentials come from, in which order, and what happens where they should be and are not.</summary>
public sealed class AwsCredentialChainTests : IDisposable
{
    private const string Far = "2099-01-01T00:00:00Z";

    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string> _environment = new() { ["AWS_EC2_METADATA_DISABLED"] = "true" };

    public AwsCredentialChainTests() => _environment["HOME"] = _directory.Path;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task NothingSetUpMeansAnonymous() => Assert.Null(await Find());

    [Fact]
    public async Task TheEnvironmentComesFirst()
    {
        Write("credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n");
        _environment["AWS_ACCESS_KEY_ID"] = "ENV";
        _environment["AWS_SECRET_ACCESS_KEY"] = "s";
        _environment["AWS_SESSION_TOKEN"] = "t";
        Assert.Equal(new AwsCredentials("ENV", "s", "t"), await Find("other"));
    }

    [Fact]
    public async Task ProfilesComeFromBothFiles()
    {
        Write("config", """
            # a comment
            [default]
            region = eu-west-1
            aws_access_key_id = CONFIG
            aws_secret_access_key = s1
            [profile work]
            aws_access_key_id=WORK
            aws_secret_access_key=a=b/c+d
            s3 =
              aws_access_key_id = NESTED
            [sso-session x]
            aws_access_key_id = NO
            """);
        Write("credentials", "[default]\naws_access_key_id = FILE\naws_secret_access_key = s2\n; comment\n[other]\naws_access_key_id = OTHER\naws_secret_access_key = s3\naws_session_token = t3\n");
        Assert.Equal(new AwsCredentials("FILE", "s2"), await Find());
        Assert.Equal(new AwsCredentials("FILE", "s2"), await Find("default"));
        Assert.Equal(new AwsCredentials("WORK", "a=b/c+d"), await Find("work"));
        Assert.Equal(new AwsCredentials("OTHER", "s3", "t3"), await Find("other"));
        _environment["AWS_PROFILE"] = "work";
        Assert.Equal("WORK", (await Find())!.AccessKeyId);
        Assert.Equal("AwsProfileNotFound", (await Error("nobody")).ErrorId);
    }

    [Fact]
    public async Task ARoleIsTakenOnWithTheKeysOfItsSource()
    {
        using var sts = Sts();
        Write("config", """
            [profile role]
            role_arn = arn:aws:iam::1:role/r
            source_profile = base
            [profile base]
            aws_access_key_id = BASE
            aws_secret_access_key = s
            [profile circle]
            role_arn = a
            source_profile = round
            [profile round]
            role_arn = b
            source_profile = circle
            [profile empty]
            role_arn = arn
            """);
        Assert.Equal(new AwsCredentials("TEMP", "ts", "tt", DateTimeOffset.Parse(Far)), await Find("role"));
        Assert.Contains("Credential=BASE/", sts.Requests.Single()["authorization"]);
        Assert.Equal("AwsCredentialsUnavailable", (await Error("circle")).ErrorId);
        Assert.Contains("source_profile", (await Error("empty")).Message);
    }

    [Fact]
    public async Task AWebIdentityIsExchanged()
    {
        using var sts = Sts();
        File.WriteAllText(_directory / "token", "jwt\n");
        _environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = _directory / "token";
        _environment["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r";
        Assert.Equal("TEMP", (await Find())!.AccessKeyId);
        Assert.Null(sts.Requests.Single()["authorization"]);
        _environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = _directory / "nothing";
        Assert.Equal("AwsCredentialsUnavailable", (await Error()).ErrorId);
    }

    [Fact]
    public async Task ARefusalIsToldAndNotTakenForAnonymous()
    {
        using var sts = new TinyServer(_ => new TinyAnswer(403, "<ErrorResponse/>"u8.ToArray()));
        _environment["AWS_ENDPOINT_URL_STS"] = sts.Url;
        File.WriteAllText(_directory / "token", "jwt");
        _environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = _directory / "token";
        _environment["AWS_ROLE_ARN"] = "arn";
        var error = await Error();
        Assert.Equal(("AwsCredentialsUnavailable", StoreErrorKind.PermissionDenied), (error.ErrorId, error.Kind));
    }

    [Fact]
    public async Task AContainerComesBeforeTheMachine()
    {
        using var agent = new TinyServer(request => request["authorization"] == "secret"
            ? TinyAnswer.Ok($$"""{"AccessKeyId":"BOX","SecretAccessKey":"s","Token":"t","Expiration":"{{Far}}"}""") : TinyAnswer.Of(401));
        _environment.Remove("AWS_EC2_METADATA_DISABLED");
        _environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = agent.Url + "/creds";
        File.WriteAllText(_directory / "token", "secret\n");
        _environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = _directory / "token";
        Assert.Equal(new AwsCredentials("BOX", "s", "t", DateTimeOffset.Parse(Far)), await Find());
        _environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "nonsense";
        Assert.Equal("AwsCredentialsUnavailable", (await Error()).ErrorId);
    }

    [Fact]
    public async Task TheMachineIsAskedLastAndMayHaveNothing()
    {
        using var machine = new TinyServer(request => request.Path switch
        {
            "/latest/api/token" => TinyAnswer.Ok("session"),
            "/latest/meta-data/iam/security-credentials/" when request["x-aws-ec2-metadata-token"] == "session" => TinyAnswer.Ok("the-role\n"),
            "/latest/meta-data/iam/security-credentials/the-role" => TinyAnswer.Ok($$"""{"AccessKeyId":"EC2","SecretAccessKey":"s","Token":"t","Expiration":"{{Far}}"}"""),
            _ => TinyAnswer.Of(404),
        });
        _environment.Remove("AWS_EC2_METADATA_DISABLED");
        _environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = machine.Url;
        Assert.Equal("EC2", (await Find())!.AccessKeyId);
        _environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1";
        Assert.Null(await Find());
    }

    [Fact]
    public async Task WhatExpiresIsAskedForAgainInTime()
    {
        var source = new Counting();
        var chain = new AwsCredentialChain([source]);
        source.Next = new AwsCredentials("A", "s", null, DateTimeOffset.UtcNow + TimeSpan.FromHours(1));
        Assert.Equal("A", (await chain.Get(default))!.AccessKeyId);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => chain.Get(default).AsTask()));
        Assert.Equal(1, source.Count);
        chain.Forget();
        source.Next = new AwsCredentials("B", "s", null, DateTimeOffset.UtcNow + TimeSpan.FromMinutes(2));
        Assert.Equal("B", (await chain.Get(default))!.AccessKeyId);
        source.Next = new AwsCredentials("C", "s");
        Assert.Equal("C", (await chain.Get(default))!.AccessKeyId);
        Assert.Equal(3, source.Count);
    }

    private TinyServer Sts()
    {
        var sts = new TinyServer(_ => TinyAnswer.Ok(
            $"<R xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><X><Credentials><AccessKeyId>TEMP</AccessKeyId><SecretAccessKey>ts</SecretAccessKey><SessionToken>tt</SessionToken><Expiration>{Far}</Expiration></Credentials></X></R>"));
        _environment["AWS_ENDPOINT_URL_STS"] = sts.Url;
        return sts;
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(_directory / ".aws");
        File.WriteAllText(_directory / $".aws/{name}", text, Encoding.UTF8);
    }

    private ValueTask<AwsCredentials?> Find(string? profile = null)
        => AwsCredentialChain.Default(profile, "us-east-1", new AwsEnvironment(name => _environment.GetValueOrDefault(name))).Get(default);

    private async Task<NixStoreException> Error(string? profile = null) => await Assert.ThrowsAsync<NixStoreException>(() => Find(profile).AsTask());

    private sealed class Counting : IAwsCredentialSource
    {
        public AwsCredentials? Next { get; set; }

        public int Count { get; private set; }

        public ValueTask<AwsCredentials?> Get(CancellationToken cancellation)
        {
            Count++;
            return ValueTask.FromResult(Next);
        }
    }
}
