using System.Net;
using NixStore.Caches.Tests.Support;

namespace NixStore.Catalog.Tests.Support;

/// <summary>A web server for the files of a folder, with connections that live on.</summary>
internal sealed class FolderServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly string _folder;

    public FolderServer(string folder)
    {
        _folder = folder;
        for (; ; )
        {
            Url = $"http://127.0.0.1:{FreePorts.Choose()}";
            _listener = new HttpListener { Prefixes = { Url + "/" } };
            try
            {
                _listener.Start();
                break;
            }
            catch (Exception error) when (error is HttpListenerException or System.Net.Sockets.SocketException)
            {
                // Somebody else has chosen the same.
            }
        }

        _ = Accept();
    }

    public string Url { get; }

    public void Dispose() => _listener.Close();

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                _ = Task.Run(() => Answer(context));
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Answer(HttpListenerContext context)
    {
        try
        {
            var file = new FileInfo(Path.Combine(_folder, context.Request.Url!.AbsolutePath[1..]));
            if (file.Exists)
            {
                var bytes = File.ReadAllBytes(file.FullName);
                context.Response.ContentLength64 = bytes.Length;
                context.Response.Headers["Last-Modified"] = file.LastWriteTimeUtc.ToString("R");
                context.Response.OutputStream.Write(bytes);
            }
            else
            {
                context.Response.StatusCode = 404;
            }

            context.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or IOException or ObjectDisposedException)
        {
            // The client was killed.
        }
    }
}
